export function watchHeap() {
  return native("xs_watch_heap").call(this);
}
export function markHeap(step) {
  return native("xs_mark_heap").call(this, step);
}

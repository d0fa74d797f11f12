export function markHeap(name) {
  return native("xs_mark_heap").call(this, name);
}

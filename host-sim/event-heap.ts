/** Something planned, at its place in the order of all that is planned. */
export class WorldEvent {
  /** Whole microseconds: sums of them are exact, so a timer is never early by a rounding. */
  readonly atUs: number;
  /** Ties are taken in the order they were planned: the order is total, and the same on every run. */
  readonly order: number;
  readonly run: () => void;
  cancelled = false;

  constructor(atUs: number, order: number, run: () => void) {
    this.atUs = atUs;
    this.order = order;
    this.run = run;
  }

  cancel(): void {
    this.cancelled = true;
  }
}

/** A binary heap of events by time, then by order. */
export class EventHeap {
  readonly #events: WorldEvent[] = [];
  #order = 0;

  add(atUs: number, run: () => void): WorldEvent {
    const event = new WorldEvent(atUs, this.#order++, run);
    this.#events.push(event);
    rise(this.#events, event);
    return event;
  }

  /** When the next event is due; those that were cancelled are gone by then. */
  get nextUs(): number {
    return this.#peek()?.atUs ?? Number.POSITIVE_INFINITY;
  }

  /** The next event, when it is due by `untilUs`. */
  take(untilUs: number): WorldEvent | undefined {
    const next = this.#peek();
    if (next === undefined || next.atUs > untilUs) return undefined;
    this.#removeTop();
    return next;
  }

  #peek(): WorldEvent | undefined {
    while (this.#events[0]?.cancelled === true) this.#removeTop();
    return this.#events[0];
  }

  #removeTop(): void {
    const last = this.#events.pop();
    if (last !== undefined && this.#events.length > 0) sink(this.#events, last);
  }
}

/** From the last place towards the top, as far as it is before the others. */
function rise(events: WorldEvent[], event: WorldEvent): void {
  let at = events.length - 1;
  while (at > 0) {
    const parentAt = (at - 1) >> 1;
    const parent = events[parentAt] as WorldEvent;
    if (!isBefore(event, parent)) break;
    events[at] = parent;
    at = parentAt;
  }
  events[at] = event;
}

/** From the top, whose place is free, as far as others are before it. */
function sink(events: WorldEvent[], event: WorldEvent): void {
  const count = events.length;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= count) break;
    const right = left + 1;
    const first = events[left] as WorldEvent;
    const second = right < count ? (events[right] as WorldEvent) : first;
    const isRight = isBefore(second, first);
    const child = isRight ? second : first;
    if (!isBefore(child, event)) break;
    events[at] = child;
    at = isRight ? right : left;
  }
  events[at] = event;
}

function isBefore(a: WorldEvent, b: WorldEvent): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}

export interface WorldEvent {
  /** Whole microseconds: sums of them are exact, so a timer is never early by a rounding. */
  readonly atUs: number;
  /** Ties are taken in the order they were planned: the order is total, and the same on every run. */
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** A binary heap of events by time, then by order. */
export class EventHeap {
  readonly #events: WorldEvent[] = [];
  #order = 0;

  add(atUs: number, run: () => void): WorldEvent {
    const event = { atUs, order: this.#order++, run, cancelled: false };
    this.#events.push(event);
    this.#rise(this.#events.length - 1);
    return event;
  }

  /** The next event that was not cancelled; it stays in the heap. */
  peek(): WorldEvent | undefined {
    while (this.#events[0]?.cancelled === true) this.#removeTop();
    return this.#events[0];
  }

  take(): WorldEvent | undefined {
    const next = this.peek();
    if (next !== undefined) this.#removeTop();
    return next;
  }

  #removeTop(): void {
    const last = this.#events.pop();
    if (last === undefined || this.#events.length === 0) return;
    this.#events[0] = last;
    this.#sink(0);
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.#events.length) return;
      const right = left + 1;
      const child = right < this.#events.length && this.#before(right, left) ? right : left;
      if (!this.#before(child, at)) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #before(first: number, second: number): boolean {
    const a = this.#events[first] as WorldEvent;
    const b = this.#events[second] as WorldEvent;
    return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
  }

  #swap(first: number, second: number): void {
    const event = this.#events[first] as WorldEvent;
    this.#events[first] = this.#events[second] as WorldEvent;
    this.#events[second] = event;
  }
}

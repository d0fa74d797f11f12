import type { Clock } from "../ports.ts";

/** The machine's clock; `stop` forgets what is still due, so that a closed server does nothing more. */
export class SystemClock implements Clock {
  readonly #due = new Set<NodeJS.Timeout>();

  nowMs(): number {
    return Date.now();
  }

  after(delayMs: number, elapsed: () => void): void {
    const timeout = setTimeout(() => {
      this.#due.delete(timeout);
      elapsed();
    }, delayMs);
    this.#due.add(timeout);
  }

  stop(): void {
    for (const timeout of this.#due) clearTimeout(timeout);
    this.#due.clear();
  }
}

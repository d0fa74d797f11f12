import { EventHeap, type WorldEvent } from "./event-heap.ts";
import { type RandomStream, randomStream } from "./random.ts";
import { Trace } from "./trace.ts";

/** Immediates queued ahead in one turn of the loop: 256 cost 0.45 us an event, one at a time 1.5 us. */
const STEPS_A_TURN = 256;

const US_PER_MS = 1000;

const UNSETTLED = "a request was not settled in its own turn: thread pool or socket in use?";

function wholeUs(timeMs: number): number {
  return Math.round(timeMs * US_PER_MS);
}

export interface WorldOptions {
  readonly seed: number;
  /** `virtual` jumps from event to event; `real` waits for each. */
  readonly pace: "virtual" | "real";
  /** Milliseconds since the epoch at world time 0. */
  readonly startedAtMs: number;
  readonly watchTrace?: (line: string) => void;
}

export type PlannedEvent = Pick<WorldEvent, "cancel">;

/**
 * Time, chance and order for everything simulated. One event runs, its promises settle, then the next: nothing in the
 * world ever calls another thing directly.
 */
export class World {
  readonly trace: Trace;
  readonly pace: "virtual" | "real";
  readonly startedAtMs: number;
  readonly #seed: number;
  readonly #heap = new EventHeap();
  #nowUs = 0;
  #events = 0;
  /** Promises of `settle`; none is left when the next event runs. */
  #unsettled = 0;
  /** The host's monotonic reading at world time 0; real pace only. */
  #zeroMs = 0;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  #stopped = false;

  constructor(options: WorldOptions) {
    this.#seed = options.seed;
    this.pace = options.pace;
    this.startedAtMs = options.startedAtMs;
    this.trace = new Trace(options.watchTrace);
  }

  /** Milliseconds since the world began. */
  get nowMs(): number {
    return this.#nowUs / US_PER_MS;
  }

  /** How many events have run. */
  get events(): number {
    return this.#events;
  }

  wallClockMs(): number {
    return this.startedAtMs + Math.floor(this.nowMs);
  }

  random(stream: string): RandomStream {
    return randomStream(this.#seed, stream);
  }

  /** What is planned for later never runs now, however little later: a timer that rests 7e-12 ms would never pass. */
  after(delayMs: number, run: () => void): PlannedEvent {
    const delayUs = delayMs > 0 ? Math.max(1, wholeUs(delayMs)) : 0;
    const event = this.#heap.add(this.#nowUs + delayUs, run);
    this.#wake?.();
    return event;
  }

  /**
   * Continues with a promise's value as an event of its own, `delayMs` from now. In virtual time the promise must
   * settle in the microtasks of this event: one that needs the thread pool or a socket has no place in virtual time.
   */
  settle<Value>(promise: Promise<Value>, delayMs: number, done: (value: Value) => void): void {
    if (this.pace === "real") return this.#settleReal(promise, done);
    this.#unsettled++;
    promise.then(
      (value) => {
        this.#unsettled--;
        this.after(delayMs, () => done(value));
      },
      (error: unknown) => this.fail(error),
    );
  }

  #settleReal<Value>(promise: Promise<Value>, done: (value: Value) => void): void {
    promise.then(
      (value) => this.inject(() => done(value)),
      (error: unknown) => this.fail(error),
    );
  }

  /** Brings in what happened outside the world: in real time it happens now, not at the time of the last event. */
  inject(run: () => void): void {
    this.afterNow(0, run);
  }

  /** As `after`, for who may be called from outside the world: the delay counts from now, in either pace. */
  afterNow(delayMs: number, run: () => void): void {
    const lagMs = this.pace === "real" ? performance.now() - this.#zeroMs - this.nowMs : 0;
    this.after(lagMs + delayMs, run);
  }

  /** Ends the run with this error: a bug in what is simulated, or in the simulator. */
  fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(describe(error));
    this.#wake?.();
  }

  /** Runs until world time `untilMs`, in either pace. */
  async run(untilMs: number): Promise<void> {
    if (this.pace === "real") await this.#runReal(untilMs);
    else await this.#runVirtual(untilMs);
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#stopped) this.#nowUs = Math.max(this.#nowUs, wholeUs(untilMs));
  }

  /** Lets `run` return now. */
  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  #runVirtual(untilMs: number): Promise<void> {
    return new Promise((resolve) => {
      const untilUs = wholeUs(untilMs);
      let left = 0;
      const turn = (): void => {
        left = STEPS_A_TURN;
        for (let step = 0; step < STEPS_A_TURN; step++) setImmediate(one);
      };
      let over = false;
      const one = (): void => {
        if (!over && !this.#step(untilUs)) {
          over = true;
          resolve();
        }
        if (--left === 0 && !over) turn();
      };
      turn();
    });
  }

  /** Runs the next event; false when there is none before `untilUs` or the run is over. */
  #step(untilUs: number): boolean {
    // Asked before the next event: by the time of the answer a thread could have finished by luck.
    if (this.#unsettled > 0) this.fail(new Error(UNSETTLED));
    if (this.#stopped || this.#failure !== undefined) return false;
    const next = this.#heap.take(untilUs);
    if (next === undefined) return false;
    this.#events++;
    if (next.atUs > this.#nowUs) this.#nowUs = next.atUs;
    try {
      next.run();
    } catch (error) {
      this.fail(error);
    }
    return true;
  }

  async #runReal(untilMs: number): Promise<void> {
    this.#zeroMs = performance.now() - this.nowMs;
    for (;;) {
      const dueMs = Math.min(this.#heap.nextUs / US_PER_MS, untilMs);
      if (this.#stopped || this.#failure !== undefined) return;
      const waitMs = dueMs - (performance.now() - this.#zeroMs);
      if (waitMs > 0) await this.#sleep(waitMs);
      else if (!this.#step(wholeUs(untilMs))) return;
      else await null;
    }
  }

  #sleep(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), Math.min(waitMs, 0x7fffffff));
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

/** The firmware's errors are of another realm: no instance of this one's Error. */
function describe(error: unknown): string {
  const stack = typeof error === "object" && error !== null && "stack" in error ? error.stack : "";
  return `${String(error)}\n${String(stack)}`;
}

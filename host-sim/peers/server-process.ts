/** `killed`: the operating system lives on and keeps what was written. `power`: only what was synced is kept. */
export type CrashKind = "killed" | "power";

interface CrashPlan {
  readonly operation: number;
  readonly when: "before" | "after";
  readonly how: CrashKind;
}

/** Every durable step of a server through all its processes, and the one in which a process ends. */
export class CrashPoints {
  #operations = 0;
  #plan: CrashPlan | undefined;

  get operations(): number {
    return this.#operations;
  }

  /** The first from now is 1; infinity takes a plan back. */
  plan(operationsFromNow: number, when: CrashPlan["when"], how: CrashKind): void {
    this.#plan = { operation: this.#operations + operationsFromNow, when, how };
  }

  /** Counts the next step; the plan when it is the one. */
  next(): CrashPlan | undefined {
    this.#operations++;
    return this.#plan?.operation === this.#operations ? this.#plan : undefined;
  }
}

/** A process that may end in any of its storage operations: what waits for one then waits for ever. */
export class ServerProcess {
  readonly #points: CrashPoints;
  readonly #crash: (how: CrashKind) => void;
  readonly #waiting = new Set<() => void>();
  #isAlive = true;

  /** `crash` must end this process. */
  constructor(points: CrashPoints, crash: (how: CrashKind) => void) {
    this.#points = points;
    this.#crash = crash;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  end(): void {
    this.#isAlive = false;
    for (const giveUp of this.#waiting) giveUp();
    this.#waiting.clear();
  }

  /** One operation that changes what a restart finds. */
  async step<Result>(run: () => Result | Promise<Result>): Promise<Result> {
    if (!this.#isAlive) return forever();
    const crash = this.#points.next();
    if (crash?.when === "before") this.#crash(crash.how);
    const result = await this.look(run);
    if (crash?.when === "after") this.#crash(crash.how);
    return this.#isAlive ? result : forever();
  }

  /** One that changes nothing. */
  async look<Result>(run: () => Result | Promise<Result>): Promise<Result> {
    return this.#isAlive ? run() : forever();
  }

  /** Undefined when the process ends before its promise is kept. */
  outlast<Result>(promise: Promise<Result>): Promise<Result | undefined> {
    return new Promise((resolve, reject) => {
      // The call that made the promise may have been the end already.
      if (!this.#isAlive) return resolve(undefined);
      const giveUp = () => resolve(undefined);
      this.#waiting.add(giveUp);
      const kept = () => this.#waiting.delete(giveUp);
      promise.then(resolve, reject).finally(kept);
    });
  }
}

function forever(): Promise<never> {
  return new Promise(() => {});
}

interface Counted {
  /** From when it is armed; the first is 1. */
  readonly operation: number;
}

export interface Armed<Fault> {
  readonly fault: Fault;
  /** The operation in which it strikes, counted from the first of all. */
  readonly operation: number;
}

/** Faults that wait for a count, of which the thing they strike takes one at a time: the one that comes first. */
export class ArmedFaults<Fault extends Counted> {
  #waiting: readonly Armed<Fault>[] = [];
  readonly #arm: (next: Armed<Fault> | undefined) => void;

  constructor(arm: (next: Armed<Fault> | undefined) => void) {
    this.#arm = arm;
  }

  get next(): Armed<Fault> | undefined {
    return this.#waiting[0];
  }

  add(fault: Fault, operationsSoFar: number): void {
    const armed = { fault, operation: operationsSoFar + fault.operation };
    this.#waiting = [...this.#waiting, armed].sort((one, other) => one.operation - other.operation);
    this.#arm(this.next);
  }

  /** It struck, or its time is over. */
  remove(fault: Fault): void {
    this.#waiting = this.#waiting.filter((armed) => armed.fault !== fault);
    this.#arm(this.next);
  }
}

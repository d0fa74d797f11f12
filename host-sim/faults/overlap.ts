/** Counts the faults that hold one thing down: it is whole again when the last of them ends. */
export class Overlap {
  readonly #held = new Map<string, number>();

  /** True when it was whole before. */
  begin(what: string): boolean {
    const held = this.#held.get(what) ?? 0;
    this.#held.set(what, held + 1);
    return held === 0;
  }

  holds(what: string): boolean {
    return (this.#held.get(what) ?? 0) > 0;
  }

  /** True when it is whole now. */
  end(what: string): boolean {
    const held = (this.#held.get(what) ?? 1) - 1;
    this.#held.set(what, held);
    return held === 0;
  }
}

const KEPT_MAX = 2_000;

/** The beginning of a list, and how much longer it was. */
export interface Beginning<Item> {
  readonly kept: readonly Item[];
  readonly left: number;
}

/** Keeps what came first; the rest it counts. */
export class FirstOf<Item> {
  readonly kept: Item[] = [];
  #left = 0;

  push(item: Item): void {
    if (this.kept.length < KEPT_MAX) this.kept.push(item);
    else this.#left++;
  }

  beginning(): Beginning<Item> {
    return { kept: this.kept, left: this.#left };
  }
}

/** As many as a wide screen has columns to show. */
const BINS_MAX = 1024;
const FIRST_BIN_MS = 10;

/** What came in each stretch of time, all of the same length. */
export interface Binned {
  readonly binMs: number;
  readonly sums: readonly number[];
}

/** A sum over time in bounded memory: when the bins are used up, each takes in its neighbour. */
export class BinnedSum {
  #binMs = FIRST_BIN_MS;
  #sums: number[] = [];

  add(atMs: number, amount = 1): void {
    const bin = this.#binOf(atMs);
    this.#sums[bin] = (this.#sums[bin] ?? 0) + amount;
  }

  /** What is the same at every moment of the stretch. */
  addOver(fromMs: number, toMs: number, perMs: number): void {
    const last = this.#binOf(toMs);
    for (let bin = this.#binOf(fromMs); bin <= last; bin++) {
      const startMs = Math.max(fromMs, bin * this.#binMs);
      const endMs = Math.min(toMs, (bin + 1) * this.#binMs);
      if (endMs > startMs) this.#sums[bin] = (this.#sums[bin] ?? 0) + (endMs - startMs) * perMs;
    }
  }

  binned(): Binned {
    return { binMs: this.#binMs, sums: Array.from(this.#sums, (sum) => sum ?? 0) };
  }

  #binOf(atMs: number): number {
    while (atMs >= BINS_MAX * this.#binMs) this.#halve();
    return Math.floor(atMs / this.#binMs);
  }

  #halve(): void {
    this.#binMs *= 2;
    const { sums } = this.binned();
    this.#sums = Array.from(
      { length: Math.ceil(sums.length / 2) },
      (_, bin) => (sums[2 * bin] ?? 0) + (sums[2 * bin + 1] ?? 0),
    );
  }
}

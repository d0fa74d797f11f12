/** A stretch of time in one state. */
export interface Span {
  readonly state: string;
  readonly fromMs: number;
  readonly toMs: number;
}

const SPANS_MAX = 2_000;
const FIRST_GRAIN_MS = 50;

/** One state after another, in bounded memory: when there are too many, the shortest fall to the one before. */
export class Lane {
  #spans: Span[] = [];
  #grainMs = FIRST_GRAIN_MS;

  /** In order of time; `undefined` is nothing to show. */
  add(state: string | undefined, fromMs: number, toMs: number): void {
    if (state === undefined || toMs <= fromMs) return;
    const last = this.#spans.at(-1);
    if (last?.state === state && last.toMs >= fromMs) return this.extend(toMs);
    this.#spans.push({ state, fromMs, toMs });
    while (this.#spans.length > SPANS_MAX) this.#coarsen();
  }

  /** The last state lasts longer. */
  extend(toMs: number): void {
    const last = this.#spans.pop();
    if (last !== undefined) this.#spans.push({ ...last, toMs });
  }

  spans(): readonly Span[] {
    return this.#spans;
  }

  #coarsen(): void {
    const fine = this.#spans;
    this.#grainMs *= 2;
    this.#spans = [];
    for (const { state, fromMs, toMs } of fine) {
      const before = this.#spans.at(-1);
      const isShort = toMs - fromMs < this.#grainMs;
      if (isShort && before?.toMs === fromMs) this.extend(toMs);
      else if (before?.state === state && before.toMs === fromMs) this.extend(toMs);
      else if (!isShort || before === undefined) this.#spans.push({ state, fromMs, toMs });
    }
  }
}

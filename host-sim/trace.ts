import { createHash } from "node:crypto";

/** Everything a run did that can be seen from outside, in order: two runs are the same when their hashes are. */
export class Trace {
  readonly #hash = createHash("sha256");
  readonly #watch: ((line: string) => void) | undefined;

  constructor(watch?: (line: string) => void) {
    this.#watch = watch;
  }

  add(atMs: number, who: string, what: string): void {
    const line = `${atMs} ${who} ${what}`;
    this.#hash.update(`${line}\n`);
    this.#watch?.(line);
  }

  /** Of what happened so far. */
  hash(): string {
    return this.#hash.copy().digest("hex");
  }
}

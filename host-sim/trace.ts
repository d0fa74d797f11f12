import { createHash } from "node:crypto";

/** A call into the hash costs as much as hashing 300 characters: it is made for some hundred lines at once. */
const BATCH_CHARACTERS = 32_768;

/** Everything a run did that can be seen from outside, in order: two runs are the same when their hashes are. */
export class Trace {
  readonly #hash = createHash("sha256");
  readonly #watch: ((line: string) => void) | undefined;
  #batch = "";

  constructor(watch?: (line: string) => void) {
    this.#watch = watch;
  }

  add(atMs: number, who: string, what: string): void {
    const line = `${atMs} ${who} ${what}`;
    this.#batch += `${line}\n`;
    if (this.#batch.length >= BATCH_CHARACTERS) this.#flush();
    this.#watch?.(line);
  }

  /** Of what happened so far. */
  hash(): string {
    this.#flush();
    return this.#hash.copy().digest("hex");
  }

  #flush(): void {
    this.#hash.update(this.#batch);
    this.#batch = "";
  }
}

/** Of a proxy or a client that follows its requests: a UUID and most trace ids look like this. */
const FOREIGN_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{7,63}$/;

/** Names every request, so that a client's complaint finds its line in the log. */
export class RequestIds {
  readonly #epoch: string;
  #count = 0;

  constructor(startMs: number) {
    this.#epoch = startMs.toString(36);
  }

  /** The one it came with, where that cannot be anything but an id; else one that increases. */
  idFor(given: string | undefined): string {
    if (given !== undefined && FOREIGN_ID.test(given)) return given;
    this.#count += 1;
    return `${this.#epoch}-${this.#count}`;
  }
}

import { NVS_KEYS } from "../nvs-keys.ts";
import type { KeyValueStore } from "../ports.ts";

/** NVS keys have at most 15 characters. */
const TRIED_KEY = "tokenTried";

/**
 * What proves to the server who this feeder is. Read at each use: in RAM it would take a third of a kilobyte for ever.
 * Nothing deletes it, whatever a server or a clock says of it: only another takes its place, in one write.
 */
export class TokenStore {
  readonly #entries: KeyValueStore;

  constructor(entries: KeyValueStore) {
    this.#entries = entries;
  }

  get token(): string | undefined {
    return this.#entries.read(NVS_KEYS.deviceToken);
  }

  keep(token: string): void {
    this.#entries.write(NVS_KEYS.deviceToken, token);
  }

  /** The day since the epoch on which another one was last asked for: a feeder that sleeps forgets what is in RAM. */
  get triedOnDay(): number {
    return Number(this.#entries.read(TRIED_KEY) ?? Number.NaN);
  }

  tried(day: number): void {
    this.#entries.write(TRIED_KEY, String(day));
  }
}

/** A feeder resends the events of this boot and, from its spool, of a few before. */
const BOOTS_MAX = 8;
/** An event a second needs 30 years to count so far; a number near the largest would hide every event after it. */
const FIRST_SEQ_MAX = 1e9;
/** A feeder's full queue drops events and their numbers with them: one a minute leaves this gap in two years offline. */
const SEQ_JUMP_MAX = 1_000_000;

export type NumberPlace = "new" | "repeated" | "implausible";

/** Highest sequence number relayed, by boot of the feeder; the oldest boot goes first. */
export class RelayedNumbers {
  readonly #highest = new Map<string, number>();

  /** Notes a new number; it is repeated when it, or a later one of the same boot, was relayed before. */
  place({ bootId, seq }: { readonly bootId: string; readonly seq: number }): NumberPlace {
    const highest = this.#highest.get(bootId);
    if (seq <= (highest ?? 0)) return "repeated";
    if (seq > (highest === undefined ? FIRST_SEQ_MAX : highest + SEQ_JUMP_MAX)) {
      return "implausible";
    }
    // Set again, so that the map's order is the order of use.
    this.#highest.delete(bootId);
    this.#highest.set(bootId, seq);
    const [oldest] = this.#highest.keys();
    if (this.#highest.size > BOOTS_MAX && oldest !== undefined) this.#highest.delete(oldest);
    return "new";
  }
}

/** What a page that lost its connection can still catch up on, a room; a busy feeder sends about 10 events a visit. */
const EVENTS_MAX = 200;
/** Events are a few hundred characters; this holds for a client that sends the largest message allowed. */
const CHARACTERS_MAX = 256 * 1024;

export type RelayedMessage = Readonly<Record<string, unknown>> & {
  readonly deviceId: string;
  readonly eventId: string;
};

interface Ring {
  readonly entries: { order: number; message: RelayedMessage; characters: number }[];
  characters: number;
  /** The order of the newest event that is gone; 0 while none is. */
  lastDropped: number;
}

/** The events of every room since the server started, as far as its memory goes. */
export class RecentEvents {
  readonly #epoch: string;
  readonly #rings = new Map<string, Ring>();
  #order = 0;

  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  /** Ids increase within one run of the server, over all rooms. */
  nextId(): string {
    this.#order += 1;
    return `${this.#epoch}-${this.#order}`;
  }

  /** Keeps the message that just took the newest id, or one that has its id from another process. */
  add(deviceId: string, message: RelayedMessage, characters: number): void {
    if (this.#orderOf(message.eventId) === undefined) this.#order += 1;
    const ring = this.#rings.get(deviceId) ?? { entries: [], characters: 0, lastDropped: 0 };
    this.#rings.set(deviceId, ring);
    ring.entries.push({ order: this.#order, message, characters });
    ring.characters += characters;
    while (ring.entries.length > EVENTS_MAX || ring.characters > CHARACTERS_MAX) {
      const oldest = ring.entries.shift();
      ring.characters -= oldest?.characters ?? 0;
      ring.lastDropped = oldest?.order ?? ring.lastDropped;
    }
  }

  /**
   * Oldest first. With `after`: the first `limit` events behind it. Without: the last `limit`.
   * Not complete when events that belong before the first one are gone, also by a restart of the server.
   */
  read(query: {
    readonly after?: string | undefined;
    readonly limit: number;
    /** Whose events. */
    readonly of: (deviceId: string) => boolean;
  }): { readonly events: readonly RelayedMessage[]; readonly complete: boolean } {
    const { after, limit, of } = query;
    const afterOrder =
      after === undefined ? 0 : (this.#orderOf(after) ?? this.#foreignOrder(after));
    const rings = [...this.#rings].filter(([id]) => of(id)).map(([, ring]) => ring);
    const found = rings
      .flatMap((ring) => ring.entries)
      .filter(({ order }) => order > (afterOrder ?? 0))
      .sort((one, other) => one.order - other.order);
    const wanted = after === undefined ? found.slice(-limit) : found.slice(0, limit);
    const isCut = after === undefined && wanted.length < found.length;
    const isGone = rings.some(({ lastDropped }) => lastDropped > (afterOrder ?? 0));
    return {
      events: wanted.map(({ message }) => message),
      complete: afterOrder !== undefined && !isGone && !isCut,
    };
  }

  /** Where an event of another process came in here. */
  #foreignOrder(eventId: string): number | undefined {
    const entries = [...this.#rings.values()].flatMap((ring) => ring.entries);
    return entries.find(({ message }) => message.eventId === eventId)?.order;
  }

  /** Undefined for an id of another process, or of another run of this one. */
  #orderOf(eventId: string): number | undefined {
    const [epoch, order] = eventId.split("-");
    return epoch === this.#epoch ? Number(order) : undefined;
  }
}

import { createHash } from "node:crypto";
import type { BulkRun } from "../../device/amb82-bridge/link/bulk-sender.ts";
import type { MediaKind, Offer, Read } from "../../device/amb82-bridge/link/link-messages.ts";
import { ObjectSender } from "../../device/amb82-bridge/link/object-sender.ts";

interface Held {
  readonly takenAtMs: number;
  readonly bytes: Uint8Array;
  readonly sender: ObjectSender;
}

const CONTENT_TYPES = { still: "image/jpeg", clip: "video/avi" } as const;

/** The stills and clips a camera holds until the feeder is done with them. */
export class CameraShelf {
  readonly #held = new Map<number, Held>();
  #objects = 0;
  #reading: Held | undefined;

  get count(): number {
    return this.#held.size;
  }

  get isReading(): boolean {
    return this.#reading !== undefined;
  }

  add(kind: MediaKind, captureId: string, bytes: Uint8Array, takenAtMs: number): Offer {
    const id = ++this.#objects;
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const contentType = CONTENT_TYPES[kind];
    const offer = { id, captureId, kind, size: bytes.length, sha256, contentType, ageMs: 0 };
    this.#held.set(id, { takenAtMs, bytes, sender: new ObjectSender(offer, bytes) });
    return offer;
  }

  /** All that is held, as it is offered again after a new start. */
  offers(nowMs: number): Offer[] {
    this.#reading = undefined;
    return [...this.#held.values()].map(({ sender, takenAtMs }) => ({
      ...sender.offer,
      ageMs: Math.round(nowMs - takenAtMs),
    }));
  }

  bytes(id: number): Uint8Array | undefined {
    return this.#held.get(id)?.bytes;
  }

  /** False for what is not here. It replaces the read before either way. */
  read(request: Read): boolean {
    this.#reading = this.#held.get(request.id);
    this.#reading?.sender.read(request);
    return this.#reading !== undefined;
  }

  remove(id: number): void {
    if (this.#reading === this.#held.get(id)) this.#reading = undefined;
    this.#held.delete(id);
  }

  peek(run: BulkRun, bytesMax: number): boolean {
    return this.#reading?.sender.peek(run, bytesMax) ?? false;
  }

  advance(run: BulkRun): void {
    this.#held.get(run.id)?.sender.advance(run);
  }

  copy(run: BulkRun, into: Uint8Array, start: number): number {
    return this.#held.get(run.id)?.sender.copy(run, into, start) ?? 0;
  }
}

import { writeUint16, writeUint32 } from "./frame.ts";
import type { Offer, Read } from "./link-messages.ts";

/** Ahead of the bytes in each data payload: object id u16, file offset u32. */
export const DATA_PREFIX_BYTES = 6;

/** The camera's side of one object: its bytes from the offset the receiver asked for. */
export class ObjectSender {
  readonly offer: Offer;
  readonly #bytes: Uint8Array;
  #fileOffsetBytes = -1;

  constructor(offer: Offer, bytes: Uint8Array) {
    this.offer = offer;
    this.#bytes = bytes;
  }

  read(request: Read): void {
    if (request.id === this.offer.id && request.fileOffsetBytes <= this.offer.size) {
      this.#fileOffsetBytes = request.fileOffsetBytes;
    }
  }

  /** See LinkEvents.nextData. */
  nextData(into: Uint8Array, start: number, bytesMax: number): number {
    const at = this.#fileOffsetBytes;
    if (at < 0 || at >= this.#bytes.length) return 0;
    const piece = this.#bytes.subarray(at, at + bytesMax - DATA_PREFIX_BYTES);
    writeUint16(into, start, this.offer.id);
    writeUint32(into, start + 2, at);
    into.set(piece, start + DATA_PREFIX_BYTES);
    this.#fileOffsetBytes += piece.length;
    return DATA_PREFIX_BYTES + piece.length;
  }
}

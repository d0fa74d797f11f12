import type { BulkRun } from "./bulk-sender.ts";
import type { Offer, Read } from "./link-messages.ts";

/** An object's owner: its bytes from the offset that the reader asked for; a BulkSource of one object. */
export class ObjectSender {
  readonly offer: Offer;
  readonly #bytes: Uint8Array;
  #fileOffsetBytes: number;

  constructor(offer: Offer, bytes: Uint8Array) {
    this.offer = offer;
    this.#bytes = bytes;
    this.#fileOffsetBytes = bytes.length;
  }

  read(request: Read): void {
    this.#fileOffsetBytes = Math.min(request.fileOffsetBytes, this.#bytes.length);
  }

  peek(run: BulkRun, bytesMax: number): boolean {
    run.id = this.offer.id;
    run.fileOffsetBytes = this.#fileOffsetBytes;
    run.lengthBytes = Math.min(this.#bytes.length - this.#fileOffsetBytes, bytesMax);
    return run.lengthBytes > 0;
  }

  advance(run: BulkRun): void {
    this.#fileOffsetBytes = run.fileOffsetBytes + run.lengthBytes;
  }

  copy(run: BulkRun, into: Uint8Array, start: number): number {
    for (let index = 0; index < run.lengthBytes; index++) {
      into[start + index] = this.#bytes[run.fileOffsetBytes + index] as number;
    }
    return run.lengthBytes;
  }
}

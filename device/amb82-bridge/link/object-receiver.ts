import { DATA_PREFIX_BYTES } from "./bulk-sender.ts";
import { readUint16, readUint32 } from "./frame.ts";
import type { Offer } from "./link-messages.ts";

/** Where an object's bytes go, in order. */
export interface ObjectSink {
  write(bytes: Uint8Array): void;
}

export type ObjectProgress = "more" | "whole" | "unexpected";

/** The reader of one object: takes only the next bytes of the object it asked for. */
export class ObjectReceiver {
  readonly offer: Offer;
  readonly #sink: ObjectSink;
  #fileOffsetBytes: number;
  #view: Uint8Array | undefined;

  /** `fileOffsetBytes`: what the sink has already, from before a restart. */
  constructor(offer: Offer, sink: ObjectSink, fileOffsetBytes: number) {
    this.offer = offer;
    this.#sink = sink;
    this.#fileOffsetBytes = fileOffsetBytes;
  }

  /** The next byte wanted. */
  get fileOffsetBytes(): number {
    return this.#fileOffsetBytes;
  }

  take(bytes: Uint8Array, start: number, end: number): ObjectProgress {
    const lengthBytes = end - start - DATA_PREFIX_BYTES;
    if (lengthBytes < 0 || readUint16(bytes, start) !== this.offer.id) return "unexpected";
    if (readUint32(bytes, start + 2) !== this.#fileOffsetBytes) return "unexpected";
    if (this.#fileOffsetBytes + lengthBytes > this.offer.size) return "unexpected";
    this.#sink.write(this.viewOf(bytes, start + DATA_PREFIX_BYTES, lengthBytes));
    this.#fileOffsetBytes += lengthBytes;
    return this.#fileOffsetBytes === this.offer.size ? "whole" : "more";
  }

  /** Full frames share one view: a shorter one, or one that came early, allocates another. */
  private viewOf(bytes: Uint8Array, at: number, lengthBytes: number): Uint8Array {
    const view = this.#view;
    const fits = view?.length === lengthBytes && view.buffer === bytes.buffer;
    if (fits && view.byteOffset === bytes.byteOffset + at) return view;
    this.#view = bytes.subarray(at, at + lengthBytes);
    return this.#view;
  }
}

import { readUint16, readUint32 } from "./frame.ts";
import type { Offer } from "./link-messages.ts";
import { DATA_PREFIX_BYTES } from "./object-sender.ts";

/** Where an object's bytes go, in order. */
export interface ObjectSink {
  write(bytes: Uint8Array): void;
}

export type ObjectProgress = "more" | "whole" | "unexpected";

/** The feeder's side of one object: takes only the next bytes of the object it asked for. */
export class ObjectReceiver {
  readonly offer: Offer;
  readonly #sink: ObjectSink;
  #fileOffsetBytes = 0;
  #view: Uint8Array | undefined;

  constructor(offer: Offer, sink: ObjectSink) {
    this.offer = offer;
    this.#sink = sink;
  }

  take(frame: Uint8Array, start: number, end: number): ObjectProgress {
    const lengthBytes = end - start - DATA_PREFIX_BYTES;
    if (lengthBytes < 0 || readUint16(frame, start) !== this.offer.id) return "unexpected";
    if (readUint32(frame, start + 2) !== this.#fileOffsetBytes) return "unexpected";
    if (this.#fileOffsetBytes + lengthBytes > this.offer.size) return "unexpected";
    this.#sink.write(this.#viewOf(frame, start + DATA_PREFIX_BYTES, lengthBytes));
    this.#fileOffsetBytes += lengthBytes;
    return this.#fileOffsetBytes === this.offer.size ? "whole" : "more";
  }

  /** Full frames share one view: only the object's last, shorter frame allocates another. */
  #viewOf(frame: Uint8Array, at: number, lengthBytes: number): Uint8Array {
    const view = this.#view;
    const fits = view?.length === lengthBytes && view.buffer === frame.buffer;
    if (fits && view.byteOffset === frame.byteOffset + at) return view;
    this.#view = frame.subarray(at, at + lengthBytes);
    return this.#view;
  }
}

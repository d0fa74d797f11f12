import { CobsDecoder, cobsEncode } from "./cobs.ts";
import { crc32 } from "./crc32.ts";
import {
  FRAME_BYTES_MAX,
  FRAME_CRC_BYTES,
  FRAME_HEADER_BYTES,
  isThisVersion,
  readUint32,
  writeUint32,
} from "./frame.ts";

type Checksum = (bytes: Uint8Array, start: number, end: number) => number;

/** Seals header and payload, `frame[0, lengthBytes)`, with their CRC and puts them on the wire; answers the wire's bytes. */
export function encodeFrame(
  frame: Uint8Array,
  lengthBytes: number,
  wire: Uint8Array,
  checksum: Checksum = crc32,
): number {
  writeUint32(frame, lengthBytes, checksum(frame, 0, lengthBytes));
  return cobsEncode(frame, lengthBytes + FRAME_CRC_BYTES, wire);
}

/** Finds intact frames in a stream of bytes: the reference for mini/src/frame_codec.c. */
export class FrameDecoder {
  readonly #cobs = new CobsDecoder(FRAME_BYTES_MAX);
  readonly #checksum: Checksum;
  #noise = 0;
  #frameLength = 0;

  constructor(checksum: Checksum = crc32) {
    this.#checksum = checksum;
  }

  /** Runs between two delimiters that were no intact frame. */
  get noise(): number {
    return this.#noise;
  }

  /** Header to CRC; 0 unless the last decode ended with a frame. */
  get frameLength(): number {
    return this.#frameLength;
  }

  get frame(): Uint8Array {
    return this.#cobs.frame;
  }

  /** Takes bytes up to the end of the next intact frame; answers how many. */
  decode(bytes: Uint8Array, start: number, end: number): number {
    this.#frameLength = 0;
    for (let at = start; at < end; at++) {
      at += this.#cobs.copyPlain(bytes, at, end);
      if (at === end) break;
      const step = this.#cobs.push(bytes[at] as number);
      if (step === "more") continue;
      if (step === "frame" && this.isIntact()) {
        this.#frameLength = this.#cobs.frameLength;
        return at + 1 - start;
      }
      this.#noise++;
    }
    return end - start;
  }

  /** Forgets a half-decoded run: the rate has changed. */
  reset(): void {
    this.#cobs.reset();
    this.#frameLength = 0;
  }

  private isIntact(): boolean {
    const { frame, frameLength } = this.#cobs;
    const end = frameLength - FRAME_CRC_BYTES;
    if (end < FRAME_HEADER_BYTES || !isThisVersion(frame)) return false;
    return readUint32(frame, end) === this.#checksum(frame, 0, end);
  }
}

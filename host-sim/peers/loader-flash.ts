import { constants, inflateSync } from "node:zlib";
import { type Flash, SECTOR_BYTES } from "../board/flash.ts";

/** Errors of esptool's stub; the ROM has fewer, and says "failed" for the rest. */
export const STUB_ERROR = {
  badLength: 0xc0,
  badChecksum: 0xc1,
  badBlockSize: 0xc2,
  failedSpi: 0xc4,
  notInFlashMode: 0xc6,
  inflate: 0xc7,
  notEnoughData: 0xc8,
  tooMuchData: 0xc9,
  notImplemented: 0xff,
} as const;

export type StubError = (typeof STUB_ERROR)[keyof typeof STUB_ERROR];

/** One transfer into the flash, from BEGIN to END: sectors are erased just before their first byte. */
export class LoaderWrite {
  readonly #flash: Flash;
  readonly #isDeflated: boolean;
  readonly #endAt: number;
  #at: number;
  #erasedTo: number;
  #compressed = Buffer.alloc(0);
  #inflatedBytes = 0;

  constructor(flash: Flash, offsetBytes: number, sizeBytes: number, isDeflated: boolean) {
    this.#flash = flash;
    this.#isDeflated = isDeflated;
    this.#at = offsetBytes;
    this.#endAt = offsetBytes + sizeBytes;
    this.#erasedTo = offsetBytes - (offsetBytes % SECTOR_BYTES);
  }

  get isOver(): boolean {
    return this.#at >= this.#endAt;
  }

  take(block: Uint8Array): StubError | undefined {
    if (this.isOver) return STUB_ERROR.tooMuchData;
    if (!this.#isDeflated) return this.#program(block.subarray(0, this.#endAt - this.#at));
    const fresh = this.#inflate(block);
    if (fresh === undefined) return STUB_ERROR.inflate;
    if (fresh.length > this.#endAt - this.#at) return STUB_ERROR.tooMuchData;
    return this.#program(fresh);
  }

  /** All of it once more, since Node inflates a stream in the thread pool only: 0.3 s in all for 1.2 MB. */
  #inflate(block: Uint8Array): Buffer | undefined {
    this.#compressed = Buffer.concat([this.#compressed, block]);
    const whole = inflated(this.#compressed);
    const fresh = whole?.subarray(this.#inflatedBytes);
    this.#inflatedBytes = whole?.length ?? 0;
    return fresh;
  }

  #program(bytes: Uint8Array): undefined {
    while (this.#erasedTo < this.#at + bytes.length) {
      this.#flash.eraseSector(this.#erasedTo / SECTOR_BYTES);
      this.#erasedTo += SECTOR_BYTES;
    }
    this.#flash.program(this.#at, bytes);
    this.#at += bytes.length;
  }
}

function inflated(compressed: Buffer): Buffer | undefined {
  try {
    return inflateSync(compressed, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}

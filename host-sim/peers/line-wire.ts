import { FRAME_BYTES_MAX, wireBytesMax } from "../../device/amb82-bridge/link/frame.ts";
import { encodeFrame, FrameDecoder } from "../../device/amb82-bridge/link/frame-codec.ts";
import type { FrameWire } from "../../device/amb82-bridge/link/frame-wire.ts";
import { nativeCrc32 } from "../board/native-crc.ts";
import type { CameraHost } from "./camera-host.ts";

/** The camera's UART transmits by DMA from two buffers: the next frame may come when the FIFO holds the last of this one. */
const TRANSMIT_FIFO_BYTES = 16;

/** The camera's end of the wires, for a LinkEndpoint. */
export class LineWire implements FrameWire {
  readonly #host: CameraHost;
  readonly #decoder = new FrameDecoder(nativeCrc32);
  readonly #sealed = new Uint8Array(FRAME_BYTES_MAX);
  readonly #encoded = new Uint8Array(wireBytesMax(FRAME_BYTES_MAX));
  #bytes = new Uint8Array(0);
  #at = 0;

  constructor(host: CameraHost) {
    this.#host = host;
  }

  /** Bytes from the receiver. The link is polled before the next come. */
  arrived(bytes: Uint8Array): void {
    this.#bytes = bytes.slice();
    this.#at = 0;
  }

  roomAtMs(): number {
    return this.#host.roomAtMs(TRANSMIT_FIFO_BYTES);
  }

  send(frame: Uint8Array, lengthBytes: number): boolean {
    if (this.roomAtMs() > this.#host.nowMs()) return false;
    this.#sealed.set(frame.subarray(0, lengthBytes));
    const wireBytes = encodeFrame(this.#sealed, lengthBytes, this.#encoded, nativeCrc32);
    this.#host.transmit(this.#encoded.subarray(0, wireBytes));
    return true;
  }

  receive(into: Uint8Array): number {
    this.#at += this.#decoder.decode(this.#bytes, this.#at, this.#bytes.length);
    const { frame, frameLength } = this.#decoder;
    if (frameLength > 0) into.set(frame.subarray(0, frameLength));
    return frameLength;
  }

  sent(): boolean {
    return this.#host.roomAtMs(0) <= this.#host.nowMs();
  }

  setRate(bitsPerSecond: number): void {
    this.#decoder.reset();
    this.#host.setRate(bitsPerSecond);
  }

  noise(): number {
    return this.#decoder.noise;
  }
}

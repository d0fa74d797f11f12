import type FFI from "mc/ffi";
import type { CameraUart, Log } from "../ports.ts";
import { PINS } from "./pins.ts";

/** The rate both ends start with after a reset or a wake. */
const BITS_PER_SECOND = 115_200;

/** In C because embedded:io/serial has the 128 bytes of the hardware FIFO and no more: 11 ms at this rate. */
export class RingUart implements CameraUart {
  readonly #native: FFI;
  readonly #log: Log;

  constructor(native: FFI, log: Log) {
    this.#native = native;
    this.#log = log;
  }

  open(): void {
    const failure = this.#native.uart_ring_open(PINS.cameraTx, PINS.cameraRx, BITS_PER_SECOND);
    if (failure !== 0) this.#log.write("error", "camera-uart", `open failed: esp_err ${failure}`);
  }

  read(into: Uint8Array): number {
    return this.#native.uart_ring_read(
      into.buffer as ArrayBuffer,
      into.byteOffset,
      into.byteLength,
    );
  }

  write(bytes: Uint8Array, lengthBytes: number): number {
    return this.#native.uart_ring_write(bytes.buffer as ArrayBuffer, bytes.byteOffset, lengthBytes);
  }

  close(): void {
    const lineErrors = this.#native.uart_ring_line_errors();
    if (lineErrors > 0) this.#log.write("warn", "camera-uart", `${lineErrors} line errors`);
    this.#native.uart_ring_close();
  }
}

import type FFI from "mc/ffi";
import type { CameraWire, Log } from "../ports.ts";
import { PINS } from "./pins.ts";

/** The rate both ends start with after a reset or a wake. */
const BITS_PER_SECOND = 115_200;

/** In C because embedded:io/serial has the 128 bytes of the hardware FIFO and no more: 11 ms at 115200 baud. */
export class NativeCameraWire implements CameraWire {
  readonly #native: FFI;
  readonly #log: Log;

  constructor(native: FFI, log: Log) {
    this.#native = native;
    this.#log = log;
  }

  open(): void {
    this.check(
      "open",
      this.#native.camera_wire_open(PINS.cameraTx, PINS.cameraRx, BITS_PER_SECOND),
    );
  }

  send(frame: Uint8Array, lengthBytes: number): boolean {
    const { buffer, byteOffset } = frame;
    return this.#native.camera_wire_send(buffer as ArrayBuffer, byteOffset, lengthBytes) === 1;
  }

  receive(into: Uint8Array): number {
    const { buffer, byteOffset, byteLength } = into;
    return this.#native.camera_wire_receive(buffer as ArrayBuffer, byteOffset, byteLength);
  }

  sent(): boolean {
    return this.#native.camera_wire_sent() === 1;
  }

  setRate(bitsPerSecond: number): void {
    this.check("set rate", this.#native.camera_wire_set_rate(bitsPerSecond));
  }

  noise(): number {
    return this.#native.camera_wire_noise();
  }

  close(): void {
    const lineErrors = this.#native.camera_wire_line_errors();
    if (lineErrors > 0) this.#log.write("warn", "camera-wire", `${lineErrors} line errors`);
    this.#native.camera_wire_close();
  }

  private check(action: string, failure: number): void {
    if (failure !== 0) this.#log.write("error", "camera-wire", `${action}: esp_err ${failure}`);
  }
}

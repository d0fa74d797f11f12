import { FRAME_BYTES_MAX, wireBytesMax } from "../../device/amb82-bridge/link/frame.ts";
import { encodeFrame, FrameDecoder } from "../../device/amb82-bridge/link/frame-codec.ts";
import type { World } from "../world.ts";
import type { UartFaults } from "./line-noise.ts";
import { nativeCrc32 } from "./native-crc.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";
import { UartLine, UartRing } from "./uart.ts";

/** RING_BYTES of device/esp32/native/camera_uart.c. */
const RING_BYTES = 8192;
/** The driver has no transmit ring: what does not fit the hardware FIFO stays staged until the next call. */
const TRANSMIT_FIFO_BYTES = 128;
const ESP_OK = 0;

/** UART2 and device/esp32/native/camera_wire.c: the wires to the camera board. */
export class CameraPort {
  readonly toFeeder: UartLine;
  readonly toCamera: UartLine;
  /** Of every frame that the feeder hears whole or hands to the wire, header first. */
  watchFrame: (way: "heard" | "sent", frame: Uint8Array) => void = () => {};
  readonly #ring = new UartRing(RING_BYTES);
  readonly #decoder = new FrameDecoder(nativeCrc32);
  readonly #sealed = new Uint8Array(FRAME_BYTES_MAX);
  readonly #encoded = new Uint8Array(wireBytesMax(FRAME_BYTES_MAX));
  readonly #arrived = new Uint8Array(1024);
  #staged = new Uint8Array(0);
  #arrivedAt = 0;
  #arrivedBytes = 0;
  #power: PowerCycle | undefined;
  #open = false;

  constructor(
    world: World,
    name: string,
    faults: UartFaults,
    cameraReceives: (bytes: Uint8Array) => void,
  ) {
    this.toCamera = new UartLine(world, `${name}>camera`, faults, cameraReceives);
    const arrived = (bytes: Uint8Array): void => {
      if (this.#open) this.#ring.push(bytes);
    };
    this.toFeeder = new UartLine(world, `camera>${name}`, faults, arrived, "polled");
  }

  calls(power: PowerCycle): BoardCalls {
    power.atEnd(() => {
      this.#close();
      this.toCamera.cut();
    });
    this.#power = power;
    return {
      "camera_wire.open": (_txPin, _rxPin, bitsPerSecond) => {
        // Also takes what came while nobody listened.
        this.#close();
        this.#open = true;
        this.#setRate(Number(bitsPerSecond));
        return ESP_OK;
      },
      "camera_wire.receive": (into) => this.#receive(into as Uint8Array),
      "camera_wire.send": (frame) => (this.#send(frame as Uint8Array) ? 1 : 0),
      "camera_wire.sent": () => {
        this.#transmit();
        return this.#staged.length === 0 && this.toCamera.queuedBytes() === 0 ? 1 : 0;
      },
      "camera_wire.set_rate": (bitsPerSecond) => {
        this.#setRate(Number(bitsPerSecond));
        return ESP_OK;
      },
      "camera_wire.noise": () => this.#decoder.noise,
      "camera_wire.line_errors": () => {
        this.toFeeder.look();
        return this.#ring.lostBytes > 0 ? 1 : 0;
      },
      "camera_wire.close": () => this.#close(),
    };
  }

  #close(): void {
    this.toFeeder.look();
    this.#open = false;
    this.#staged = new Uint8Array(0);
    this.#arrivedAt = 0;
    this.#arrivedBytes = 0;
    this.#ring.clear();
    this.#decoder.reset();
  }

  #setRate(bitsPerSecond: number): void {
    this.toCamera.senderBaud = bitsPerSecond;
    this.toFeeder.receiverBaud = bitsPerSecond;
    this.#decoder.reset();
  }

  #send(frame: Uint8Array): boolean {
    this.#transmit();
    if (this.#staged.length > 0) return false;
    this.watchFrame("sent", frame);
    this.#sealed.set(frame);
    const wireBytes = encodeFrame(this.#sealed, frame.length, this.#encoded, nativeCrc32);
    this.#staged = this.#encoded.slice(0, wireBytes);
    this.#transmit();
    return true;
  }

  #transmit(): void {
    if (this.#staged.length === 0) return;
    const roomBytes = Math.max(0, TRANSMIT_FIFO_BYTES - this.toCamera.queuedBytes());
    const taken = this.#staged.slice(0, roomBytes);
    if (taken.length === 0) return;
    this.#staged = this.#staged.slice(taken.length);
    // Behind an erase in the same turn the firmware's time is ahead of the world's.
    if (this.#isAhead()) this.#power?.after(0, () => this.toCamera.send(taken));
    else this.toCamera.send(taken);
  }

  #isAhead(): boolean {
    return this.#power !== undefined && this.#power.nowMs > this.#power.world.nowMs;
  }

  #receive(into: Uint8Array): number {
    this.#transmit();
    this.toFeeder.look();
    for (;;) {
      if (this.#arrivedAt === this.#arrivedBytes) {
        this.#arrivedAt = 0;
        this.#arrivedBytes = this.#ring.read(this.#arrived);
        if (this.#arrivedBytes === 0) return 0;
      }
      const end = this.#arrivedBytes;
      this.#arrivedAt += this.#decoder.decode(this.#arrived, this.#arrivedAt, end);
      const { frame, frameLength } = this.#decoder;
      if (frameLength === 0) continue;
      into.set(frame.subarray(0, frameLength));
      this.watchFrame("heard", into);
      return frameLength;
    }
  }
}

import { FRAME_BYTES_MAX, wireBytesMax } from "../device/amb82-bridge/link/frame.ts";
import { encodeFrame, FrameDecoder } from "../device/amb82-bridge/link/frame-codec.ts";
import type { FrameWire } from "../device/amb82-bridge/link/frame-wire.ts";
import type { LinkIdentity } from "../device/amb82-bridge/link/hello-exchange.ts";
import { LinkEndpoint, type LinkEvents } from "../device/amb82-bridge/link/link-endpoint.ts";
import type { UartFaults } from "../host-sim/board/line-noise.ts";
import { UartLine, UartRing } from "../host-sim/board/uart.ts";
import type { PlannedEvent, World } from "../host-sim/world.ts";

/** A transmitter with two buffers takes the next frame while the FIFO still holds the end of the one before. */
const TRANSMIT_FIFO_BYTES = 16;
const READ_BYTES = 256;

export interface EndOptions {
  readonly identity: LinkIdentity;
  readonly events: LinkEvents;
  /** Polled so often and at no other time; 0: at each arrival and whenever something is due. */
  readonly pollEveryMs: number;
}

/** One end of the camera link on two simulated wires, with a receive ring of the size it says it has. */
export class LinkEnd implements FrameWire {
  readonly link: LinkEndpoint;
  readonly #world: World;
  readonly #ring: UartRing;
  readonly #pollEveryMs: number;
  readonly #decoder = new FrameDecoder();
  readonly #sealed = new Uint8Array(FRAME_BYTES_MAX);
  readonly #encoded = new Uint8Array(wireBytesMax(FRAME_BYTES_MAX));
  readonly #read = new Uint8Array(READ_BYTES);
  #readAt = 0;
  #readBytes = 0;
  #lines: { readonly out: UartLine; readonly in: UartLine } | undefined;
  #planned: PlannedEvent | undefined;

  constructor(world: World, { identity, events, pollEveryMs }: EndOptions) {
    this.#world = world;
    this.#ring = new UartRing(identity.bufferBytes);
    this.#pollEveryMs = pollEveryMs;
    this.link = new LinkEndpoint(this, events, identity);
  }

  get lostBytes(): number {
    return this.#ring.lostBytes;
  }

  open(bootId: string, lines: { readonly out: UartLine; readonly in: UartLine }): void {
    this.#lines = lines;
    this.link.open(bootId);
    this.poll();
  }

  arrive(bytes: Uint8Array): void {
    this.#ring.push(bytes);
    if (this.#pollEveryMs === 0) this.poll();
  }

  poll(): void {
    const { nowMs } = this.#world;
    this.link.poll(nowMs);
    this.#planned?.cancel();
    const delayMs = this.#pollEveryMs > 0 ? this.#pollEveryMs : this.#nextDueMs() - nowMs;
    if (delayMs !== Number.POSITIVE_INFINITY) {
      this.#planned = this.#world.after(delayMs, () => this.poll());
    }
  }

  send(frame: Uint8Array, lengthBytes: number): boolean {
    if (this.#out.queuedBytes() > TRANSMIT_FIFO_BYTES) return false;
    this.#sealed.set(frame.subarray(0, lengthBytes));
    const wireBytes = encodeFrame(this.#sealed, lengthBytes, this.#encoded);
    this.#out.send(this.#encoded.subarray(0, wireBytes));
    return true;
  }

  receive(into: Uint8Array): number {
    for (;;) {
      if (this.#readAt === this.#readBytes) {
        this.#readAt = 0;
        this.#readBytes = this.#ring.read(this.#read);
        if (this.#readBytes === 0) return 0;
      }
      this.#readAt += this.#decoder.decode(this.#read, this.#readAt, this.#readBytes);
      const { frame, frameLength } = this.#decoder;
      if (frameLength === 0) continue;
      into.set(frame.subarray(0, frameLength));
      return frameLength;
    }
  }

  sent(): boolean {
    return this.#out.queuedBytes() === 0;
  }

  setRate(bitsPerSecond: number): void {
    this.#decoder.reset();
    if (this.#lines === undefined) return;
    this.#lines.out.senderBaud = bitsPerSecond;
    this.#lines.in.receiverBaud = bitsPerSecond;
  }

  noise(): number {
    return this.#decoder.noise;
  }

  get #out(): UartLine {
    if (this.#lines === undefined) throw new Error("this end is not wired");
    return this.#lines.out;
  }

  /** The end of a transmission is not told: the link looks for it each millisecond. */
  #nextDueMs(): number {
    if (this.link.blocked) return this.#out.roomAtMs(TRANSMIT_FIFO_BYTES);
    return Math.max(this.link.nextDueMs(), this.#world.nowMs + 1);
  }
}

export function connectEnds(world: World, faults: UartFaults, camera: LinkEnd, feeder: LinkEnd) {
  const toFeeder = new UartLine(world, "camera>feeder", faults, (bytes) => feeder.arrive(bytes));
  const toCamera = new UartLine(world, "feeder>camera", faults, (bytes) => camera.arrive(bytes));
  camera.open("camera-1", { out: toFeeder, in: toCamera });
  feeder.open("feeder-1", { out: toCamera, in: toFeeder });
}

import { createHash } from "node:crypto";
import { FRAME_TYPE, type FrameType } from "../../device/amb82-bridge/link/frame.ts";
import { LinkEndpoint } from "../../device/amb82-bridge/link/link-endpoint.ts";
import {
  decodeCommand,
  decodeDone,
  decodeRead,
} from "../../device/amb82-bridge/link/link-messages.ts";
import { ObjectSender } from "../../device/amb82-bridge/link/object-sender.ts";
import type { RandomStream } from "../random.ts";
import type { PlannedEvent, World } from "../world.ts";

/** Boot until the sensor runs, without Wi-Fi; the first stack's log has the camera 0.5 s behind Wi-Fi. */
const BOOT_MS = 1_900;
const BOOT_JITTER_MS = 300;
/** Exposure and JPEG encoding of one still. */
const STILL_MS = 250;
/** What arrives is dealt with as it arrives; the loop only looks for what must be sent again. */
const POLL_MS = 50;
/** The acknowledgement of the order to sleep still has to leave. */
const GOOD_NIGHT_MS = 5;
/** The wake pin must be high for so long to count; a glitch is not a wake. */
const WAKE_PULSE_MIN_MS = 50;
/** A camera nobody talks to goes back to sleep by itself. */
const LONELY_MS = 60_000;
const BOOT_LOG = "== Rtl8735b IoT Platform ==\r\nBoot from flash\r\n";

export interface CameraFaults {
  /** Stays in deep sleep whatever the wake pin does. */
  neverWakes: boolean;
  /** Loses power after so many more bytes were sent; once. */
  diesAfterBytes: number | undefined;
  /** A bit of the next picture flips in its memory after it was hashed; once. */
  flipsBit: boolean;
}

/** Takes the picture the camera sees now, a JPEG. */
export type TakePicture = (capturedAtMs: number) => Uint8Array;

/** An AMB82-Mini: asleep until its wake pin rises, then a camera on the link. */
export class CameraBoard {
  readonly faults: CameraFaults = {
    neverWakes: false,
    diesAfterBytes: undefined,
    flipsBit: false,
  };
  readonly #world: World;
  readonly #name: string;
  readonly #random: RandomStream;
  readonly #takePicture: TakePicture;
  readonly #link: LinkEndpoint;
  #send: (bytes: Uint8Array) => void = () => {};
  #state: "asleep" | "booting" | "awake" = "asleep";
  #roseAtMs = 0;
  #boots = 0;
  #objects = 0;
  #sender: ObjectSender | undefined;
  #planned: PlannedEvent[] = [];
  #loop: PlannedEvent | undefined;

  constructor(world: World, name: string, takePicture: TakePicture) {
    this.#world = world;
    this.#name = name;
    this.#random = world.random(`camera/${name}`);
    this.#takePicture = takePicture;
    const wire = { write: (bytes: Uint8Array, length: number) => this.#write(bytes, length) };
    const events = {
      peerStarted: () => {
        this.#sender = undefined;
      },
      received: (type: FrameType, frame: Uint8Array, start: number, end: number) =>
        this.#received(type, frame, start, end),
      nextData: (into: Uint8Array, start: number, bytesMax: number) =>
        this.#sender?.nextData(into, start, bytesMax) ?? 0,
    };
    this.#link = new LinkEndpoint(wire, events, "amb82-sim");
  }

  get awake(): boolean {
    return this.#state !== "asleep";
  }

  /** Connects its transmit pin. */
  wire(send: (bytes: Uint8Array) => void): void {
    this.#send = send;
  }

  wakePin(level: 0 | 1): void {
    if (level === 1) this.#roseAtMs = this.#world.nowMs;
    const longEnough = this.#world.nowMs - this.#roseAtMs >= WAKE_PULSE_MIN_MS;
    if (level === 1 || !longEnough || this.#state !== "asleep" || this.faults.neverWakes) return;
    this.#trace("wakes");
    this.#state = "booting";
    this.#send(new TextEncoder().encode(BOOT_LOG));
    this.#later(BOOT_MS + this.#random() * BOOT_JITTER_MS, () => this.#start());
  }

  receive(bytes: Uint8Array): void {
    if (this.#state !== "awake") return;
    this.#link.receive(bytes, bytes.length, this.#world.nowMs);
    this.#link.poll(this.#world.nowMs);
  }

  #start(): void {
    this.#state = "awake";
    this.#link.open(`${this.#name}-${++this.#boots}`);
    this.#run();
    const startedAtMs = this.#world.nowMs;
    this.#later(LONELY_MS, () => this.#sleepIfLonely(startedAtMs));
  }

  #run(): void {
    this.#link.poll(this.#world.nowMs);
    if (this.#state === "awake") this.#loop = this.#world.after(POLL_MS, () => this.#run());
  }

  #sleepIfLonely(sinceMs: number): void {
    const heardAtMs = Math.max(sinceMs, this.#link.heardAtMs);
    const leftMs = heardAtMs + LONELY_MS - this.#world.nowMs;
    if (leftMs <= 0) this.#sleep();
    else this.#later(leftMs, () => this.#sleepIfLonely(sinceMs));
  }

  #received(type: FrameType, frame: Uint8Array, start: number, end: number): void {
    if (type === FRAME_TYPE.read) {
      const request = decodeRead(frame, start, end);
      if (request !== undefined) this.#sender?.read(request);
    } else if (type === FRAME_TYPE.done) {
      if (decodeDone(frame, start, end) !== undefined) this.#sender = undefined;
    } else if (type === FRAME_TYPE.command) {
      const command = decodeCommand(frame, start, end);
      if (command?.op === "photo") this.#later(STILL_MS, () => this.#shoot(command.captureId));
      if (command?.op === "sleep") this.#later(GOOD_NIGHT_MS, () => this.#sleep());
    }
  }

  #shoot(captureId: string): void {
    const picture = this.#takePicture(this.#world.wallClockMs());
    const offer = {
      id: ++this.#objects,
      captureId,
      kind: "still",
      size: picture.length,
      sha256: createHash("sha256").update(picture).digest("hex"),
      contentType: "image/jpeg",
    } as const;
    if (this.faults.flipsBit) picture[0] = (picture[0] as number) ^ 1;
    this.faults.flipsBit = false;
    this.#trace(`still ${offer.size} ${offer.sha256}`);
    this.#sender = new ObjectSender(offer, picture);
    this.#link.send(FRAME_TYPE.offer, offer);
  }

  #write(bytes: Uint8Array, lengthBytes: number): number {
    const left = this.faults.diesAfterBytes;
    if (left !== undefined && lengthBytes >= left) {
      this.faults.diesAfterBytes = undefined;
      this.#send(bytes.subarray(0, left));
      this.#trace("dies");
      this.#sleep();
      return lengthBytes;
    }
    if (left !== undefined) this.faults.diesAfterBytes = left - lengthBytes;
    this.#send(bytes.subarray(0, lengthBytes));
    return lengthBytes;
  }

  #sleep(): void {
    this.#trace("sleeps");
    this.#state = "asleep";
    this.#sender = undefined;
    this.#loop?.cancel();
    for (const event of this.#planned) event.cancel();
    this.#planned = [];
  }

  #later(delayMs: number, run: () => void): void {
    this.#planned.push(this.#world.after(delayMs, run));
  }

  #trace(what: string): void {
    this.#world.trace.add(this.#world.nowMs, `camera/${this.#name}`, what);
  }
}

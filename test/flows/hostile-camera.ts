import { createHash } from "node:crypto";
import { FRAME_BYTES_MAX, type MessageType } from "../../device/amb82-bridge/link/frame.ts";
import { LinkEndpoint } from "../../device/amb82-bridge/link/link-endpoint.ts";
import type { Offer } from "../../device/amb82-bridge/link/link-messages.ts";
import { ObjectSender } from "../../device/amb82-bridge/link/object-sender.ts";
import type { CameraFirmware, CameraHost } from "../../host-sim/peers/camera-host.ts";
import { LineWire } from "../../host-sim/peers/line-wire.ts";

const POLL_MS = 2;

/** A camera that speaks the link and says in it whatever a test wants. */
export class ScriptedCamera {
  readonly host: CameraHost;
  /** Answers each read with a cancel. */
  withdraws = false;
  readonly #wire: LineWire;
  readonly #link: LinkEndpoint;
  readonly #held = new Map<number, ObjectSender>();
  #reading: ObjectSender | undefined;

  constructor(host: CameraHost, bootNumber: number, obey: Script) {
    this.host = host;
    this.#wire = new LineWire(host);
    const events = {
      peerStarted: () => {},
      received: (type: MessageType, record: Record<string, unknown>) => {
        if (type === "read") this.#read(record);
        if (type === "read" && this.withdraws) this.say("cancel", { id: record.id });
        if (type === "command") obey(this, record);
      },
      data: () => {},
      roomBytes: () => 0,
      peek: (...args: Parameters<ObjectSender["peek"]>) => this.#reading?.peek(...args) ?? false,
      advance: (...args: Parameters<ObjectSender["advance"]>) => this.#reading?.advance(...args),
      copy: (...args: Parameters<ObjectSender["copy"]>) => this.#reading?.copy(...args) ?? 0,
    };
    this.#link = new LinkEndpoint(this.#wire, events, {
      firmware: "scripted",
      capabilities: () => ["still"],
      bauds: [115_200, 921_600],
      leadsRate: false,
      bufferBytes: 4096,
      frameBytesMax: FRAME_BYTES_MAX,
    });
    this.#link.open(`scripted-${bootNumber}`);
    this.#poll();
  }

  receive(bytes: Uint8Array): void {
    this.#wire.arrived(bytes);
    this.#link.poll(this.host.nowMs());
  }

  say(type: MessageType, message: object): void {
    this.#link.send(type, message as Offer);
  }

  /** Offers a still; `lies` replace what is true of it. */
  offer(id: number, captureId: string, bytes: Uint8Array, lies: Partial<Offer> = {}): void {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const size = bytes.length;
    const contentType = "image/jpeg";
    const truth: Offer = { id, captureId, kind: "still", size, sha256, contentType, ageMs: 0 };
    this.#held.set(id, new ObjectSender(truth, bytes));
    this.say("offer", { ...truth, ...lies });
  }

  /** What is offered is not there. */
  forget(): void {
    this.#held.clear();
  }

  sleep(): void {
    this.say("result", { op: "sleep", ok: true });
    this.host.later(100, () => this.host.sleep());
  }

  #read(record: Record<string, unknown>): void {
    this.#reading = this.#held.get(Number(record.id));
    this.#reading?.read({
      id: Number(record.id),
      fileOffsetBytes: Number(record.fileOffsetBytes),
    });
  }

  #poll(): void {
    this.#link.poll(this.host.nowMs());
    this.host.later(POLL_MS, () => this.#poll());
  }
}

export type Script = (camera: ScriptedCamera, command: Record<string, unknown>) => void;

export function scripted(obey: Script): CameraFirmware {
  return (host, bootNumber) => new ScriptedCamera(host, bootNumber, obey);
}

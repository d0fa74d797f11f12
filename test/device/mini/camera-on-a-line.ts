/** A camera on a line that takes its time: virtual, 10 bits a byte, nothing lost that the test does not lose. */
import { bootRecord, inputRecord } from "../../../host-sim/peers/lock-step-records.ts";
import { type CameraRecord, LockStepCamera } from "./lock-step-camera.ts";
import { decodeWire, encodeWireFrame, TYPE, type WireFrame } from "./wire-frame.ts";

/** What the transmitter still holds when the camera may hand over the next frame. */
const ROOM_BYTES = 16;

export interface SentFrame extends WireFrame {
  /** When its last bit has left. */
  readonly atMs: number;
  readonly bitsPerSecond: number;
}

/** What left the transmitter whole at that time. */
export interface Departure {
  readonly atMs: number;
  readonly bitsPerSecond: number;
  readonly bytes: Buffer;
}

type InputKind = Parameters<typeof inputRecord>[0];

interface Due {
  readonly atMicros: bigint;
  readonly kind: InputKind;
}

export class CameraOnALine {
  readonly frames: SentFrame[] = [];
  readonly departures: Departure[] = [];
  readonly records: CameraRecord[] = [];
  readonly camera: LockStepCamera;
  bitsPerSecond = 0;
  #nowMicros = 0n;
  /** Undefined: nothing is due. */
  #wakeMicros: bigint | undefined;
  #transmitter: Due[] = [];
  #freeAtMicros = 0n;

  constructor(folder: string) {
    this.camera = new LockStepCamera(folder);
  }

  get nowMs(): number {
    return Number(this.#nowMicros) / 1000;
  }

  get asleep(): boolean {
    return this.#wakeMicros === undefined;
  }

  async boot(bootNumber: number, network: readonly string[] = []): Promise<void> {
    const [ssid, passphrase] = network;
    const isKnown = ssid !== undefined && passphrase !== undefined;
    this.#transmitter = [];
    this.#freeAtMicros = this.#nowMicros;
    const credentials = isKnown ? { ssid, passphrase } : undefined;
    await this.#take(bootRecord(this.#nowMicros, bootNumber, credentials));
  }

  /** Bytes arrive now, all at once. */
  async hear(bytes: Buffer): Promise<void> {
    await this.#exchange("bytes", bytes);
  }

  async say(frame: Partial<WireFrame> & { readonly type: number }): Promise<void> {
    await this.hear(encodeWireFrame(frame));
  }

  async tell(kind: "upload" | "join", fields: readonly number[]): Promise<void> {
    await this.#exchange(kind, Buffer.from(fields));
  }

  async advance(toMs: number): Promise<void> {
    const limitMicros = BigInt(Math.round(toMs * 1000));
    for (;;) {
      const due = this.#nextDue();
      if (due === undefined || due.atMicros > limitMicros) break;
      await this.#perform(due);
    }
    this.#nowMicros = limitMicros;
  }

  /** Goes on until a frame has left that `wanted` accepts, which it takes out of `frames` with all before it. */
  async next(wanted: (frame: SentFrame) => boolean, withinMs = 2_000): Promise<SentFrame> {
    const limitMs = this.nowMs + withinMs;
    for (;;) {
      const due = this.#nextDue();
      const found = this.#takeFrame(wanted, due);
      if (found !== undefined) return found;
      if (due === undefined || Number(due.atMicros) / 1000 > limitMs) {
        const seen = this.frames.map(({ type, sequence }) => `${type}#${sequence}`).join(" ");
        throw new Error(`no such frame until ${limitMs} ms, only: ${seen}`);
      }
      await this.#perform(due);
    }
  }

  nextOfType(type: keyof typeof TYPE, withinMs = 2_000): Promise<SentFrame> {
    return this.next((frame) => frame.type === TYPE[type], withinMs);
  }

  /** The first that is wanted, when it leaves before anything else is due: then it has left now. */
  #takeFrame(wanted: (frame: SentFrame) => boolean, due: Due | undefined): SentFrame | undefined {
    const index = this.frames.findIndex(wanted);
    const frame = this.frames[index];
    if (frame === undefined) return undefined;
    const leftMicros = BigInt(Math.ceil(frame.atMs * 1000));
    if (due !== undefined && due.atMicros < leftMicros) return undefined;
    if (leftMicros > this.#nowMicros) this.#nowMicros = leftMicros;
    this.frames.splice(0, index + 1);
    return frame;
  }

  #nextDue(): Due | undefined {
    const [sent] = this.#transmitter;
    const wakeMicros = this.#wakeMicros;
    if (wakeMicros === undefined) return sent;
    const isSentFirst = sent !== undefined && sent.atMicros <= wakeMicros;
    return isSentFirst ? sent : { atMicros: wakeMicros, kind: "tick" };
  }

  async #perform(due: Due): Promise<void> {
    if (due.kind !== "tick") this.#transmitter.shift();
    if (due.atMicros > this.#nowMicros) this.#nowMicros = due.atMicros;
    await this.#exchange(due.kind, Buffer.alloc(0));
  }

  async #exchange(kind: InputKind, fields: Buffer): Promise<void> {
    await this.#take(inputRecord(kind, this.#nowMicros, fields));
  }

  async #take(input: Uint8Array): Promise<void> {
    const answer = await this.camera.exchange(input);
    const { wakeMs } = answer;
    this.#wakeMicros = wakeMs === Infinity ? undefined : BigInt(wakeMs) * 1000n;
    if (wakeMs <= this.nowMs) throw new Error("the camera's clock stands still");
    for (const record of answer.records) {
      if (record.kind === "wire") this.#transmit(record.bytes);
      else if (record.kind === "rate") this.bitsPerSecond = record.bitsPerSecond;
      else this.records.push(record);
    }
  }

  #transmit(bytes: Buffer): void {
    const startMicros = this.#freeAtMicros > this.#nowMicros ? this.#freeAtMicros : this.#nowMicros;
    const microsOf = (count: number) => BigInt(Math.ceil((count * 1e7) / this.bitsPerSecond));
    this.#freeAtMicros = startMicros + microsOf(bytes.length);
    const roomAtMicros = startMicros + microsOf(Math.max(bytes.length - ROOM_BYTES, 0));
    this.#transmitter = [
      { atMicros: roomAtMicros, kind: "room" },
      { atMicros: this.#freeAtMicros, kind: "sent" },
    ];
    const atMs = Number(this.#freeAtMicros) / 1000;
    const { bitsPerSecond } = this;
    this.departures.push({ atMs, bitsPerSecond, bytes });
    for (const frame of decodeWire(bytes)) this.frames.push({ ...frame, atMs, bitsPerSecond });
  }
}

/** A camera on a line that takes its time: virtual, 10 bits a byte, nothing lost that the test does not lose. */
import { type CameraRecord, IN, LockStepCamera, NEVER, texts } from "./lock-step-camera.ts";
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

interface Due {
  readonly atMicros: bigint;
  readonly kind: number;
}

export class CameraOnALine {
  readonly frames: SentFrame[] = [];
  readonly departures: Departure[] = [];
  readonly records: CameraRecord[] = [];
  readonly camera: LockStepCamera;
  bitsPerSecond = 0;
  #nowMicros = 0n;
  #wakeMicros = NEVER;
  #transmitter: Due[] = [];
  #freeAtMicros = 0n;

  constructor(folder: string) {
    this.camera = new LockStepCamera(folder);
  }

  get nowMs(): number {
    return Number(this.#nowMicros) / 1000;
  }

  get asleep(): boolean {
    return this.#wakeMicros === NEVER;
  }

  async boot(bootNumber: number, network: readonly string[] = []): Promise<void> {
    const number = Buffer.alloc(8);
    number.writeBigUInt64LE(BigInt(bootNumber));
    this.#transmitter = [];
    this.#freeAtMicros = this.#nowMicros;
    await this.#exchange(IN.boot, Buffer.concat([number, texts(...network)]));
  }

  /** Bytes arrive now, all at once. */
  async hear(bytes: Buffer): Promise<void> {
    await this.#exchange(IN.bytes, bytes);
  }

  async say(frame: Partial<WireFrame> & { readonly type: number }): Promise<void> {
    await this.hear(encodeWireFrame(frame));
  }

  async tell(kind: number, fields: readonly number[]): Promise<void> {
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
      const index = this.frames.findIndex((frame) => frame.atMs <= this.nowMs && wanted(frame));
      const [found] = index < 0 ? [] : this.frames.splice(0, index + 1).slice(-1);
      if (found !== undefined) return found;
      const due = this.#nextDue();
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

  #nextDue(): Due | undefined {
    const [sent] = this.#transmitter;
    if (sent !== undefined && sent.atMicros <= this.#wakeMicros) return sent;
    return this.asleep ? undefined : { atMicros: this.#wakeMicros, kind: IN.tick };
  }

  async #perform(due: Due): Promise<void> {
    if (due.kind !== IN.tick) this.#transmitter.shift();
    if (due.atMicros > this.#nowMicros) this.#nowMicros = due.atMicros;
    await this.#exchange(due.kind, Buffer.alloc(0));
  }

  async #exchange(kind: number, fields: Buffer): Promise<void> {
    const answer = await this.camera.exchange(kind, this.#nowMicros, fields);
    this.#wakeMicros = answer.wakeMicros;
    if (answer.wakeMicros <= this.#nowMicros) throw new Error("the camera's clock stands still");
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
      { atMicros: roomAtMicros, kind: IN.room },
      { atMicros: this.#freeAtMicros, kind: IN.sent },
    ];
    const atMs = Number(this.#freeAtMicros) / 1000;
    const { bitsPerSecond } = this;
    this.departures.push({ atMs, bitsPerSecond, bytes });
    for (const frame of decodeWire(bytes)) this.frames.push({ ...frame, atMs, bitsPerSecond });
  }
}

/** The feeder's half of a conversation, a frame at a time, as docs/link.md has it. */
import type { CameraOnALine, SentFrame } from "./camera-on-a-line.ts";
import { TYPE } from "./wire-frame.ts";

const HELLO = {
  protocol: 1,
  firmware: "0.1.0",
  capabilities: [],
  bootId: "12-0a1b2c3d-1",
  maxFrame: 1038,
  window: 8,
  buffer: 8192,
  bauds: [115200, 460800, 921600],
  answer: false,
};

const PIECE_BYTES = 1024;

type ControlType = "command" | "read" | "done" | "cancel";
type ControlAnswer = "result" | "offer" | "cancel";

export class FeederByHand {
  readonly line: CameraOnALine;
  readonly bulk = new Map<number, Buffer>();
  sequence = 0;
  /** Next number expected of the camera's control frames, and of its bulk. */
  expected = 0;
  bulkExpected = 0;
  /** In every frame it says. */
  credit = 8192;

  constructor(line: CameraOnALine) {
    this.line = line;
  }

  async hello(fields: Partial<Record<keyof typeof HELLO, unknown>> = {}): Promise<void> {
    this.sequence = 0;
    this.expected = 0;
    this.bulkExpected = 0;
    this.bulk.clear();
    const payload = Buffer.from(JSON.stringify({ ...HELLO, ...fields }));
    await this.line.say({ type: TYPE.hello, credit: this.credit, payload });
  }

  async order(type: ControlType, message: unknown): Promise<void> {
    const escaped = (character: string) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    await this.orderText(type, JSON.stringify(message).replace(/[\u0080-\uffff]/g, escaped));
  }

  /** In pieces, when it is longer than a frame; each character is a byte. */
  async orderText(type: ControlType, text: string): Promise<void> {
    const bytes = Buffer.from(text, "latin1");
    for (let start = 0; start === 0 || start < bytes.length; start += PIECE_BYTES) {
      const payload = bytes.subarray(start, start + PIECE_BYTES);
      const more = start + PIECE_BYTES < bytes.length;
      const { expected: ack, credit } = this;
      await this.line.say({
        type: TYPE[type],
        more,
        sequence: this.sequence++,
        ack,
        credit,
        payload,
      });
    }
  }

  /** Waits for the next control message of the camera, acknowledges it, and answers what it says. */
  async answered(type: ControlAnswer, withinMs = 2_000): Promise<unknown> {
    return this.#take([type], withinMs);
  }

  /** The same, past what the camera still offers. */
  async resultPastOffers(withinMs: number): Promise<unknown> {
    for (;;) {
      const said = await this.#take(["result", "offer"], withinMs);
      if (typeof said === "object" && said !== null && "op" in said) return said;
    }
  }

  async #take(types: readonly ControlAnswer[], withinMs: number): Promise<unknown> {
    const frame = await this.line.next(
      ({ type, sequence }) =>
        types.some((wanted) => type === TYPE[wanted]) && sequence === this.expected,
      withinMs,
    );
    this.expected++;
    await this.ackControl();
    return JSON.parse(frame.payload.toString("latin1"));
  }

  async ackControl(): Promise<void> {
    await this.line.say({ type: TYPE.ack, ack: this.expected, credit: this.credit });
  }

  /** Takes a bulk frame as a receiver does, without saying anything. */
  keep(frame: SentFrame): void {
    this.bulk.set(frame.sequence, Buffer.from(frame.payload));
    while (this.bulk.has(this.bulkExpected)) this.bulkExpected++;
  }

  async ackBulk(): Promise<void> {
    let sack = 0;
    for (let bit = 0; bit < 8; bit++) {
      if (this.bulk.has(this.bulkExpected + 1 + bit)) sack |= 1 << bit;
    }
    const { bulkExpected: ack, credit } = this;
    await this.line.say({ type: TYPE.ack, channel: 1, ack, sack, credit });
  }

  /** Receives until it has so many bytes of the object from the offset on. */
  async fetch(id: number, size: number, fileOffsetBytes = 0): Promise<Buffer> {
    await this.order("read", { id, fileOffsetBytes });
    while (this.received(id, fileOffsetBytes).length < size - fileOffsetBytes) {
      this.keep(await this.line.nextOfType("data"));
      await this.ackBulk();
    }
    return this.received(id, fileOffsetBytes);
  }

  received(id: number, fromOffset: number): Buffer {
    const runs: Buffer[] = [];
    let wanted = fromOffset;
    for (let sequence = 0; sequence < this.bulkExpected; sequence++) {
      const payload = this.bulk.get(sequence) ?? Buffer.alloc(0);
      if (payload.length < 6 || payload.readUInt16LE() !== id) continue;
      if (payload.readUInt32LE(2) !== wanted) continue;
      runs.push(payload.subarray(6));
      wanted += payload.length - 6;
    }
    return Buffer.concat(runs);
  }
}

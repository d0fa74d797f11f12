/** The frames of docs/link.md, written a second time from the document alone: the tests' own reading of it. */
import { crc32 } from "node:zlib";

export const TYPE = {
  hello: 1,
  ack: 2,
  ping: 3,
  rate: 4,
  probe: 5,
  command: 16,
  result: 17,
  offer: 18,
  read: 19,
  done: 20,
  cancel: 21,
  data: 32,
} as const;

export interface WireFrame {
  readonly type: number;
  readonly channel: number;
  readonly more: boolean;
  readonly sack: number;
  readonly sequence: number;
  readonly ack: number;
  readonly credit: number;
  readonly payload: Buffer;
}

export function encodeWireFrame(frame: Partial<WireFrame> & { readonly type: number }): Buffer {
  const { channel = 0, more = false, sack = 0, sequence = 0, ack = 0, credit = 8192 } = frame;
  const head = Buffer.alloc(10);
  head.set([1, frame.type, channel | (more ? 0x80 : 0), sack]);
  head.writeUInt16LE(sequence, 4);
  head.writeUInt16LE(ack, 6);
  head.writeUInt16LE(credit, 8);
  const body = Buffer.concat([head, frame.payload ?? Buffer.alloc(0)]);
  const seal = Buffer.alloc(4);
  seal.writeUInt32LE(crc32(body));
  return Buffer.concat([Buffer.from([0]), stuff(Buffer.concat([body, seal])), Buffer.from([0])]);
}

/** All intact frames of a stream; throws on anything else, which a camera on a clean line never sends. */
export function decodeWire(wire: Buffer): WireFrame[] {
  const frames: WireFrame[] = [];
  let start = 0;
  for (let end = wire.indexOf(0); end !== -1; end = wire.indexOf(0, end + 1)) {
    if (end > start) frames.push(decodeFrame(unstuff(wire.subarray(start, end))));
    start = end + 1;
  }
  if (start !== wire.length) throw new Error("the stream ends within a frame");
  return frames;
}

function decodeFrame(frame: Buffer): WireFrame {
  const end = frame.length - 4;
  if (frame[0] !== 1 || frame.readUInt32LE(end) !== crc32(frame.subarray(0, end))) {
    throw new Error(`no intact frame: ${frame.toString("hex")}`);
  }
  const channel = frame.readUInt8(2);
  return {
    type: frame.readUInt8(1),
    channel: channel & 0x7f,
    more: channel >= 0x80,
    sack: frame.readUInt8(3),
    sequence: frame.readUInt16LE(4),
    ack: frame.readUInt16LE(6),
    credit: frame.readUInt16LE(8),
    payload: frame.subarray(10, end),
  };
}

function stuff(bytes: Buffer): Buffer {
  const out: number[] = [];
  let block: number[] = [];
  const close = () => {
    out.push(block.length + 1, ...block);
    block = [];
  };
  for (const byte of bytes) {
    if (byte !== 0) block.push(byte);
    if (byte === 0 || block.length === 254) close();
  }
  close();
  return Buffer.from(out);
}

function unstuff(run: Buffer): Buffer {
  const out: number[] = [];
  for (let at = 0; at < run.length; ) {
    const code = run.readUInt8(at);
    if (at + code > run.length) throw new Error("a code points beyond its run");
    out.push(...run.subarray(at + 1, at + code));
    at += code;
    if (code < 255 && at < run.length) out.push(0);
  }
  return Buffer.from(out);
}

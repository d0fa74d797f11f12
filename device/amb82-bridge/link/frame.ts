/** The frame of docs/link.md: header, payload, CRC-32; little endian. */

const FRAME_VERSION = 1;
export const FRAME_HEADER_BYTES = 10;
export const FRAME_CRC_BYTES = 4;
/** At 921600 baud and a bit error rate of 1e-6, 512 to 1024 bytes carry the most: larger frames are lost more often. */
export const FRAME_PAYLOAD_BYTES_MAX = 1024;
export const FRAME_BYTES_MAX = FRAME_HEADER_BYTES + FRAME_PAYLOAD_BYTES_MAX + FRAME_CRC_BYTES;

/** Never renumbered: cameras in the field speak them. From `command` on frames are numbered. */
export const FRAME_TYPE = {
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

const MESSAGE_TYPES = ["command", "result", "offer", "read", "done", "cancel"] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

export const CONTROL = 0;
export const BULK = 1;
export type Channel = typeof CONTROL | typeof BULK;
const MORE = 0x80;

/** `sack`, `ack` and `credit` are stamped when the frame leaves: they are newer then. */
export function writeFrameStart(
  frame: Uint8Array,
  type: number,
  channel: Channel,
  sequence: number,
  more: boolean,
): void {
  frame[0] = FRAME_VERSION;
  frame[1] = type;
  frame[2] = channel | (more ? MORE : 0);
  writeUint16(frame, 4, sequence);
}

export function stampAcknowledgement(
  frame: Uint8Array,
  sack: number,
  ack: number,
  creditBytes: number,
): void {
  frame[3] = sack;
  writeUint16(frame, 6, ack);
  writeUint16(frame, 8, creditBytes);
}

export function isThisVersion(frame: Uint8Array): boolean {
  return frame[0] === FRAME_VERSION;
}

export function frameType(frame: Uint8Array): number {
  return frame[1] as number;
}

/** The control message that a frame of this type is a piece of; undefined for any other frame. */
export function messageType(type: number): MessageType | undefined {
  return MESSAGE_TYPES.find((name) => FRAME_TYPE[name] === type);
}

export function isNumbered(type: number): boolean {
  return type >= FRAME_TYPE.command;
}

/** Undefined for a channel of a later protocol. */
export function frameChannel(frame: Uint8Array): Channel | undefined {
  const channel = (frame[2] as number) & ~MORE;
  return channel === CONTROL || channel === BULK ? channel : undefined;
}

export function hasMore(frame: Uint8Array): boolean {
  return ((frame[2] as number) & MORE) !== 0;
}

export function frameSack(frame: Uint8Array): number {
  return frame[3] as number;
}

export function frameSequence(frame: Uint8Array): number {
  return readUint16(frame, 4);
}

export function frameAck(frame: Uint8Array): number {
  return readUint16(frame, 6);
}

export function frameCredit(frame: Uint8Array): number {
  return readUint16(frame, 8);
}

/** What a frame of so many bytes, header to CRC, costs on the wire at most: COBS codes and both delimiters. */
export function wireBytesMax(lengthBytes: number): number {
  return lengthBytes + Math.floor(lengthBytes / 254) + 3;
}

/** Sequence numbers are 16 bits and wrap. */
export function sequenceAfter(sequence: number, count: number): number {
  return (sequence + count) & 0xffff;
}

export function sequenceDistance(from: number, to: number): number {
  return (to - from) & 0xffff;
}

export function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = value >>> 8;
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return (readUint16(bytes, at) | (readUint16(bytes, at + 2) << 16)) >>> 0;
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  writeUint16(bytes, at, value & 0xffff);
  writeUint16(bytes, at + 2, value >>> 16);
}

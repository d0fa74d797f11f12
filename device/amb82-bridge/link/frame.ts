import { crc32 } from "./crc32.ts";

/**
 * version u8 | type u8 | channel u8 | sack u8 | sequence u16 | ack u16 | payload | CRC-32 of all before; little endian.
 * `ack` is the next sequence the sender expects: everything below it has arrived.
 */
const FRAME_VERSION = 1;
export const FRAME_HEADER_BYTES = 8;
export const FRAME_CRC_BYTES = 4;
/** At 921600 baud and a bit error rate of 1e-6, 512 to 1024 bytes carry the most: larger frames are lost more often. */
export const FRAME_PAYLOAD_BYTES_MAX = 1024;
export const FRAME_BYTES_MAX = FRAME_HEADER_BYTES + FRAME_PAYLOAD_BYTES_MAX + FRAME_CRC_BYTES;

/** Never renumbered: cameras in the field speak them. Hello and ack carry no sequence of their own. */
export const FRAME_TYPE = {
  hello: 1,
  ack: 2,
  command: 3,
  offer: 4,
  read: 5,
  data: 6,
  done: 7,
} as const;

export type FrameType = (typeof FRAME_TYPE)[keyof typeof FRAME_TYPE];

export function isFrameType(type: number): type is FrameType {
  return type >= FRAME_TYPE.hello && type <= FRAME_TYPE.done;
}

/** Bulk data has its own channel, so that a later window can put control ahead of it. */
function channelOf(type: FrameType): number {
  return type === FRAME_TYPE.data ? 1 : 0;
}

/** Completes a frame whose payload already lies at FRAME_HEADER_BYTES; answers its length. */
export function sealFrame(
  frame: Uint8Array,
  type: FrameType,
  sequence: number,
  ack: number,
  payloadBytes: number,
): number {
  frame[0] = FRAME_VERSION;
  frame[1] = type;
  frame[2] = channelOf(type);
  frame[3] = 0;
  writeUint16(frame, 4, sequence);
  writeUint16(frame, 6, ack);
  const end = FRAME_HEADER_BYTES + payloadBytes;
  writeUint32(frame, end, crc32(frame, 0, end));
  return end + FRAME_CRC_BYTES;
}

/** True for a frame of this version whose CRC holds. */
export function isIntact(frame: Uint8Array, lengthBytes: number): boolean {
  const end = lengthBytes - FRAME_CRC_BYTES;
  if (end < FRAME_HEADER_BYTES || frame[0] !== FRAME_VERSION) return false;
  return readUint32(frame, end) === crc32(frame, 0, end);
}

export function frameType(frame: Uint8Array): number {
  return frame[1] as number;
}

export function frameSequence(frame: Uint8Array): number {
  return readUint16(frame, 4);
}

export function frameAck(frame: Uint8Array): number {
  return readUint16(frame, 6);
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

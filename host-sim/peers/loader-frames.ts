/** The serial protocol of Espressif's ROM and stub, without SLIP around it. */
export const OP = {
  flashBegin: 0x02,
  flashData: 0x03,
  flashEnd: 0x04,
  memBegin: 0x05,
  memEnd: 0x06,
  memData: 0x07,
  sync: 0x08,
  writeReg: 0x09,
  readReg: 0x0a,
  spiSetParams: 0x0b,
  spiAttach: 0x0d,
  changeBaud: 0x0f,
  deflBegin: 0x10,
  deflData: 0x11,
  deflEnd: 0x12,
  flashMd5: 0x13,
  eraseFlash: 0xd0,
  eraseRegion: 0xd1,
  readFlash: 0xd2,
  runUserCode: 0xd3,
} as const;

const REQUEST = 0;
const RESPONSE = 1;
const HEADER_BYTES = 8;
const CHECKSUM_SEED = 0xef;
/** Of a block: its length, its number and two zeros. */
const BLOCK_HEADER_BYTES = 16;

export interface LoaderRequest {
  readonly op: number;
  readonly checksum: number;
  readonly data: Uint8Array;
  /** The 32-bit words of the data; zero where it is too short. */
  word(index: number): number;
}

export function readRequest(frame: Uint8Array): LoaderRequest | undefined {
  const [kind, op] = frame;
  if (frame.length < HEADER_BYTES || kind !== REQUEST || op === undefined) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const data = frame.subarray(HEADER_BYTES);
  if (view.getUint16(2, true) !== data.length) return undefined;
  const word = (index: number): number => {
    const at = HEADER_BYTES + 4 * index;
    return at + 4 <= frame.length ? view.getUint32(at, true) : 0;
  };
  return { op, checksum: view.getUint32(4, true), data, word };
}

/** The block in a DATA request, or what is wrong with it. */
export function readBlock({ data, checksum, word }: LoaderRequest): Uint8Array | "length" | "sum" {
  const block = data.subarray(BLOCK_HEADER_BYTES);
  if (block.length !== word(0)) return "length";
  const sum = block.reduce((state, byte) => state ^ byte, CHECKSUM_SEED);
  return sum === checksum ? block : "sum";
}

export function encodeResponse(op: number, value: number, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(frame.buffer);
  frame[0] = RESPONSE;
  frame[1] = op;
  view.setUint16(2, body.length, true);
  view.setUint32(4, value, true);
  frame.set(body, HEADER_BYTES);
  return frame;
}

/** A strict reader of AVI files with one stream of Motion JPEG; throws on anything that is not as it must be. */

export interface MotionJpeg {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly frameMicros: number;
  readonly largestFrameBytes: number;
  readonly frames: readonly Buffer[];
}

interface Chunk {
  readonly tag: string;
  /** Of its tag within the file. */
  readonly at: number;
  readonly body: Buffer;
}

const HAS_INDEX = 0x10;
const KEY_FRAME = 0x10;

export function parseMotionJpeg(file: Buffer): MotionJpeg {
  const [riff] = chunksOf(file, 0, ["RIFF"]);
  const [headers, movi, index] = chunksOf(listOf(riff, "AVI "), 12, ["LIST", "LIST", "idx1"]);
  const [main, stream] = chunksOf(listOf(headers, "hdrl"), 0, ["avih", "LIST"]);
  const [streamHead, format] = chunksOf(listOf(stream, "strl"), 0, ["strh", "strf"]);
  const frames = allChunks(listOf(movi, "movi"), 4);
  demand(
    frames.every(({ tag }) => tag === "00dc"),
    "a chunk that is no frame",
  );
  const words = wordsOf(main, 14);
  const [frameMicros = 0, , , flags, count, , streams, largest = 0, width = 0, height = 0] = words;
  demand(flags === HAS_INDEX && count === frames.length && streams === 1, "avih");
  checkStream(bodyOf(streamHead), frames.length, largest, width, height);
  checkFormat(bodyOf(format), width, height);
  checkIndex(bodyOf(index), frames);
  const head = bodyOf(streamHead);
  return {
    width,
    height,
    framesPerSecond: head.readUInt32LE(24) / head.readUInt32LE(20),
    frameMicros,
    largestFrameBytes: largest,
    frames: frames.map(({ body }) => body),
  };
}

function checkStream(head: Buffer, count: number, largest: number, width: number, height: number) {
  demand(head.length === 56 && head.toString("latin1", 0, 8) === "vidsMJPG", "strh");
  demand(head.readUInt32LE(32) === count && head.readUInt32LE(36) === largest, "strh's frames");
  demand(head.readUInt16LE(52) === width && head.readUInt16LE(54) === height, "strh's picture");
}

function checkFormat(format: Buffer, width: number, height: number): void {
  demand(format.length === 40 && format.readUInt32LE() === 40, "strf");
  demand(format.readUInt32LE(4) === width && format.readUInt32LE(8) === height, "strf's picture");
  demand(format.readUInt16LE(12) === 1 && format.readUInt16LE(14) === 24, "strf's planes");
  demand(format.toString("latin1", 16, 20) === "MJPG", "strf's compression");
}

function checkIndex(index: Buffer, frames: readonly Chunk[]): void {
  demand(index.length === 16 * frames.length, "idx1's length");
  for (const [number, { at, body }] of frames.entries()) {
    const entry = index.subarray(16 * number);
    demand(entry.toString("latin1", 0, 4) === "00dc", "idx1's tag");
    demand(entry.readUInt32LE(4) === KEY_FRAME, "idx1's flags");
    demand(entry.readUInt32LE(8) === at, "idx1's offset");
    demand(entry.readUInt32LE(12) === body.length, "idx1's length of a frame");
  }
}

function chunksOf(bytes: Buffer, at: number, tags: readonly string[]): readonly Chunk[] {
  const chunks = allChunks(bytes, at);
  const found = chunks.map(({ tag }) => tag).join();
  demand(found === tags.join(), `${found} instead of ${tags.join()}`);
  return chunks;
}

/** Chunks end where the next begins, at even offsets, and the last one where all end. */
function allChunks(bytes: Buffer, firstAt: number): Chunk[] {
  const chunks: Chunk[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = bytes.readUInt32LE(at + 4);
    const body = bytes.subarray(at + 8, at + 8 + length);
    demand(body.length === length, "a chunk beyond the end");
    chunks.push({ tag: bytes.toString("latin1", at, at + 4), at: firstAt + at, body });
    if (length % 2 === 1) demand(bytes[at + 8 + length] === 0, "padding that is not zero");
    at += 8 + length + (length % 2);
  }
  demand(at === bytes.length, "a chunk that is not padded");
  return chunks;
}

function bodyOf(chunk: Chunk | undefined): Buffer {
  return chunk?.body ?? Buffer.alloc(0);
}

function listOf(chunk: Chunk | undefined, type: string): Buffer {
  const body = bodyOf(chunk);
  demand(body.toString("latin1", 0, 4) === type, `no list ${type}`);
  return body.subarray(4);
}

function wordsOf(chunk: Chunk | undefined, count: number): number[] {
  const body = bodyOf(chunk);
  demand(body.length === 4 * count, "a header of another length");
  return Array.from({ length: count }, (_, index) => body.readUInt32LE(4 * index));
}

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** 100 MB of random bytes into the camera link's parser: it must not throw, and the next frame must be found. */
import { FRAME_BYTES_MAX, wireBytesMax } from "../device/amb82-bridge/link/frame.ts";
import { encodeFrame, FrameDecoder } from "../device/amb82-bridge/link/frame-codec.ts";
import { randomStream } from "../host-sim/random.ts";
import { printRows } from "./rows.ts";

const CHUNK_BYTES = 1 << 20;
const CHUNKS = process.argv.includes("--smoke") ? 2 : 100;

const random = randomStream(1, "random-bytes");
const chunk = new Uint8Array(CHUNK_BYTES);
const frame = new Uint8Array(FRAME_BYTES_MAX);
frame[0] = 1;
const wire = new Uint8Array(wireBytesMax(FRAME_BYTES_MAX));
const wireBytes = encodeFrame(frame, FRAME_BYTES_MAX - 4, wire);
const decoder = new FrameDecoder();
let accidental = 0;
let spentMs = 0;

for (let count = 0; count < CHUNKS; count++) {
  for (let at = 0; at < CHUNK_BYTES; at++) chunk[at] = random() * 256;
  const startedMs = performance.now();
  for (let at = 0; at < CHUNK_BYTES; ) {
    at += decoder.decode(chunk, at, CHUNK_BYTES);
    if (decoder.frameLength > 0) accidental++;
  }
  spentMs += performance.now() - startedMs;
  decoder.decode(wire, 0, wireBytes);
  if (decoder.frameLength !== FRAME_BYTES_MAX) throw new Error("the frame behind noise was lost");
}

const seconds = spentMs / 1000;
printRows([
  { name: "parser.random", value: (CHUNKS * CHUNK_BYTES) / 1e6, unit: "MB without a throw" },
  { name: "parser.resync", value: CHUNKS, unit: "frames found behind noise, of as many" },
  { name: "parser.accidental", value: accidental, unit: "frames found in noise" },
  {
    name: "parser.rate",
    value: (CHUNKS * CHUNK_BYTES) / seconds,
    unit: "B/s",
    of: "92,160 B/s of the wire",
    ratio: (CHUNKS * CHUNK_BYTES) / seconds / 92_160,
  },
]);

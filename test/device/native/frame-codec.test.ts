import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cobsEncode } from "../../../device/amb82-bridge/link/cobs.ts";
import { FrameDecoder } from "../../../device/amb82-bridge/link/frame-codec.ts";
import vectors from "../../../protocol/vectors/link-frames.json" with { type: "json" };
import { cProgram } from "./c-program.ts";

const FRAME_BYTES_MAX = 1038;

const run = cProgram([
  "device/amb82-bridge/mini/src/frame_codec.c",
  "test/device/native/frame-codec-driver.c",
  "test/device/native/hex-lines.c",
]);

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function sealed(body: Uint8Array): Uint8Array {
  const seal = Buffer.alloc(4);
  seal.writeUInt32LE(crc32(body));
  return Uint8Array.from([...body, ...seal]);
}

function onWire(frame: Uint8Array): Uint8Array {
  const wire = new Uint8Array(2 * frame.length + 4);
  return wire.subarray(0, cobsEncode(frame, frame.length, wire));
}

/** What the TypeScript finds, in the driver's words. */
function reference(stream: Uint8Array): string[] {
  const decoder = new FrameDecoder();
  const lines: string[] = [];
  for (let at = 0; at < stream.length; ) {
    at += decoder.decode(stream, at, stream.length);
    if (decoder.frameLength > 0) {
      lines.push(`frame ${hex(decoder.frame.slice(0, decoder.frameLength))}`);
    }
  }
  return [...lines, `noise ${decoder.noise}`];
}

describe("the vectors", () => {
  test.each(vectors.frames)("$name: fields, payload and CRC are the frame", (vector) => {
    const { type, channel, more, sack, sequence, ack, credit } = vector.fields;
    const header = Buffer.alloc(10);
    header.set([1, type, channel | (more ? 0x80 : 0), sack]);
    header.writeUInt16LE(sequence, 4);
    header.writeUInt16LE(ack, 6);
    header.writeUInt16LE(credit, 8);
    const body = Buffer.concat([header, Buffer.from(vector.payloadHex, "hex")]);
    expect(hex(sealed(body))).toBe(vector.frameHex);
  });

  test.each(vectors.frames)("$name: C puts it on the wire and finds it there", (vector) => {
    const output = run([`encode ${vector.frameHex.slice(0, -8)}`, `decode ${vector.wireHex}`]);
    expect(output).toEqual([`wire ${vector.wireHex}`, `frame ${vector.frameHex}`, "noise 0"]);
  });

  test.each(vectors.streams)("$name", ({ wireHex, frames, noise }) => {
    const found = [...frames.map((frame) => `frame ${frame}`), `noise ${noise}`];
    expect(run([`decode ${wireHex}`])).toEqual(found);
    const byteByByte = (wireHex.match(/../g) ?? []).map((byte) => `decode ${byte}`);
    expect(run(byteByByte)).toEqual(found);
  });
});

test("what is too long is noise before it ends, once, and holds nothing up", () => {
  const endless = "7f".repeat(5000);
  const [frame] = vectors.frames;
  expect(run([`decode ${endless}`])).toEqual(["noise 1"]);
  expect(run([`decode ${endless}`, `decode ${frame?.wireHex}`])).toEqual([
    `frame ${frame?.frameHex}`,
    "noise 1",
  ]);
});

test("an intact frame of full length with more behind it is noise", () => {
  const longest = vectors.frames.find(({ frameHex }) => frameHex.length === 2 * FRAME_BYTES_MAX);
  expect(run([`decode ${longest?.wireHex}`])).toEqual([`frame ${longest?.frameHex}`, "noise 0"]);
  expect(run([`decode ${longest?.wireHex.slice(0, -2)}024100`])).toEqual(["noise 1"]);
});

test("a reset forgets half a frame without counting it", () => {
  const [frame] = vectors.frames;
  const half = frame?.wireHex.slice(0, 40);
  const after = [`decode ${frame?.wireHex}`];
  const found = [`frame ${frame?.frameHex}`];
  expect(run([`decode ${half}`, "reset", ...after])).toEqual([...found, "noise 0"]);
  expect(run([`decode ${half}`, ...after])).toEqual([...found, "noise 1"]);
});

/** Few different bytes make many zeros, full blocks and codes that point too far. */
const bytes = (constraints: { minLength?: number; maxLength: number }) =>
  fc.oneof(
    fc.uint8Array(constraints),
    fc.uint8Array({ ...constraints, min: 1 }),
    fc.array(fc.constantFrom(0, 1, 2, 0xff), constraints).map((few) => Uint8Array.from(few)),
  );

const body = fc
  .tuple(fc.constantFrom(1, 1, 1, 1, 2), bytes({ maxLength: 1_060, minLength: 4 }))
  .map(([version, rest]) => Uint8Array.from([version, ...rest]));
const wire = body.map((bytes) => onWire(sealed(bytes)));

/** Intact frames, torn and flipped ones, log text, frames too long, of no length, of another version. */
const piece = fc.oneof(
  { weight: 3, arbitrary: wire },
  { weight: 1, arbitrary: fc.tuple(wire, fc.nat()).map(([bytes, at]) => torn(bytes, at)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(wire, fc.nat(), fc.integer({ min: 1, max: 255 }))
      .map(([bytes, at, bits]) => flipped(bytes, at, bits)),
  },
  { weight: 1, arbitrary: bytes({ maxLength: 60 }) },
  { weight: 1, arbitrary: fc.uint8Array({ min: 1, minLength: 1_020, maxLength: 1_080 }) },
);

function torn(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.subarray(0, at % bytes.length);
}

function flipped(bytes: Uint8Array, at: number, bits: number): Uint8Array {
  return bytes.map((byte, index) => (index === at % bytes.length ? byte ^ bits : byte));
}

/** The stream ends with a zero: C counts what is too long before its end, TypeScript at it. */
const stream = fc
  .array(piece, { maxLength: 12 })
  .map((pieces) => Uint8Array.from([...pieces.flatMap((piece) => [...piece]), 0]));

function* cut(bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? bytes.length;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

test("whatever arrives, cut wherever, C finds the frames and the noise that TypeScript finds", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 9 });
  fc.assert(
    fc.property(stream, lengths, (stream, lengths) => {
      const lines = [...cut(stream, lengths)].map((part) => `decode ${hex(part)}`);
      expect(run(lines)).toEqual(reference(stream));
    }),
    { seed: 82, numRuns: 100 },
  );
});

test("whatever is sent, C writes the bytes that TypeScript writes", () => {
  const bodies = fc.array(bytes({ maxLength: FRAME_BYTES_MAX - 4 }), { maxLength: 20 });
  fc.assert(
    fc.property(bodies, (bodies) => {
      const wires = bodies.map((body) => `wire ${hex(onWire(sealed(body)))}`);
      expect(run(bodies.map((body) => `encode ${hex(body)}`))).toEqual([...wires, "noise 0"]);
    }),
    { seed: 82, numRuns: 50 },
  );
});

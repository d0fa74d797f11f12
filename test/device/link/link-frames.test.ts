import { expect, test } from "vitest";
import {
  type Channel,
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  frameAck,
  frameChannel,
  frameCredit,
  frameSack,
  frameSequence,
  frameType,
  hasMore,
  stampAcknowledgement,
  wireBytesMax,
  writeFrameStart,
} from "../../../device/amb82-bridge/link/frame.ts";
import { encodeFrame, FrameDecoder } from "../../../device/amb82-bridge/link/frame-codec.ts";
import vectors from "../../../protocol/vectors/link-frames.json" with { type: "json" };

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Frames as hex and the noise, of bytes that come in pieces of `pieceBytes`. */
function decodeAll(wireHex: string, pieceBytes: number) {
  const decoder = new FrameDecoder();
  const bytes = Buffer.from(wireHex, "hex");
  const frames: string[] = [];
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    const end = Math.min(start + pieceBytes, bytes.length);
    for (let at = start; at < end; ) {
      at += decoder.decode(bytes, at, end);
      if (decoder.frameLength > 0) {
        frames.push(hex(decoder.frame.subarray(0, decoder.frameLength)));
      }
    }
  }
  return { frames, noise: decoder.noise };
}

test.each(vectors.frames)("$name leaves as documented", ({ fields, payloadHex, wireHex }) => {
  const frame = new Uint8Array(FRAME_BYTES_MAX);
  const payload = Buffer.from(payloadHex, "hex");
  writeFrameStart(frame, fields.type, fields.channel as Channel, fields.sequence, fields.more);
  stampAcknowledgement(frame, fields.sack, fields.ack, fields.credit);
  frame.set(payload, FRAME_HEADER_BYTES);
  const wire = new Uint8Array(wireBytesMax(FRAME_BYTES_MAX));
  const wireBytes = encodeFrame(frame, FRAME_HEADER_BYTES + payload.length, wire);
  expect(hex(wire.subarray(0, wireBytes))).toBe(wireHex);
  expect(wireBytes).toBeLessThanOrEqual(wireBytesMax(FRAME_HEADER_BYTES + payload.length + 4));
});

test.each(vectors.frames)("$name is read as documented", ({ fields, frameHex, wireHex }) => {
  expect(decodeAll(wireHex, wireHex.length)).toEqual({ frames: [frameHex], noise: 0 });
  const frame = Buffer.from(frameHex, "hex");
  expect({
    type: frameType(frame),
    channel: frameChannel(frame),
    more: hasMore(frame),
    sack: frameSack(frame),
    sequence: frameSequence(frame),
    ack: frameAck(frame),
    credit: frameCredit(frame),
  }).toEqual(fields);
});

test.each(vectors.streams)("a stream with $name", ({ wireHex, frames, noise }) => {
  expect(decodeAll(wireHex, wireHex.length)).toEqual({ frames, noise });
  expect(decodeAll(wireHex, 1)).toEqual({ frames, noise });
});

test("a run longer than any frame is noise at once: at a wrong rate no zero may ever come", () => {
  const decoder = new FrameDecoder();
  decoder.decode(new Uint8Array(FRAME_BYTES_MAX + 20).fill(0xff), 0, FRAME_BYTES_MAX + 20);
  expect(decoder.noise).toBe(1);
});

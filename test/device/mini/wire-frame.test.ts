import { expect, test } from "vitest";
import vectors from "../../../protocol/vectors/link-frames.json" with { type: "json" };
import { decodeWire, encodeWireFrame } from "./wire-frame.ts";

/** The tests' own frames are those of the document, not those of the code they test. */
test.each(vectors.frames)("the tests say $name as the vectors do", (vector) => {
  const frame = { ...vector.fields, payload: Buffer.from(vector.payloadHex, "hex") };
  const wire = Buffer.from(vector.wireHex, "hex");
  expect(encodeWireFrame(frame)).toEqual(wire);
  expect(decodeWire(wire)).toEqual([frame]);
});

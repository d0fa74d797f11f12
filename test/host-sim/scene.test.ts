import { decode } from "jpeg-js";
import { expect, test } from "vitest";

import { drawScene, renderJpeg } from "../../host-sim/peers/scene.ts";

const MIDNIGHT_MS = Date.UTC(2026, 10, 21);
const VISITS = 20;
const VISIT_SPACING_MS = (24 * 3_600_000) / VISITS;
const SMALLEST_BYTES = 15_000;
const LARGEST_BYTES = 120_000;

/** Park-Miller, so that a test's picture never changes. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function draw(
  visitNumber: number,
  capturedAtMs = MIDNIGHT_MS + visitNumber * VISIT_SPACING_MS,
  deviceId = "feeder-01",
): string {
  return drawScene({
    utcOffsetMs: 0,
    capturedAtMs,
    visitNumber,
    deviceId,
    random: seeded(visitNumber + 1),
  });
}

function capture(visitNumber: number): Buffer {
  return Buffer.from(renderJpeg(draw(visitNumber), seeded(visitNumber + 1), 5));
}

test("20 visits over a day are 20 baseline JPEGs of a camera's size", () => {
  const photos = Array.from({ length: VISITS }, (_, visitNumber) => capture(visitNumber));
  for (const photo of photos) {
    expect(photo.length).toBeGreaterThan(SMALLEST_BYTES);
    expect(photo.length).toBeLessThan(LARGEST_BYTES);
    expect(startOfFrame(photo)).toEqual({ marker: 0xc0, width: 640, height: 480 });
  }
  expect(new Set(photos.map((photo) => photo.toString("base64"))).size).toBe(VISITS);
}, 60_000);

test("the same visit is the same photo, byte for byte", () => {
  expect(capture(3).equals(capture(3))).toBe(true);
});

test("another visit at the same moment is another scene", () => {
  const scenes = Array.from({ length: VISITS }, (_, visitNumber) => draw(visitNumber, MIDNIGHT_MS));
  expect(new Set(scenes).size).toBe(VISITS);
});

test("the night is seen in infrared, the day in colour", () => {
  const colourfulness = (hour: number): number => {
    const svg = draw(2, MIDNIGHT_MS + hour * 3_600_000);
    const { data } = decode(Buffer.from(renderJpeg(svg, seeded(1), 5)), { useTArray: true });
    let sum = 0;
    for (let at = 0; at < data.length; at += 4)
      sum += Math.abs((data[at] ?? 0) - (data[at + 2] ?? 0));
    return sum / (data.length / 4);
  };
  expect(colourfulness(2)).toBeLessThan(3);
  expect(colourfulness(12)).toBeGreaterThan(20);
});

test("time and device are burnt in as strokes: no text element, which would need a font", () => {
  expect(draw(1)).not.toMatch(/<text|font/);
  const noon = MIDNIGHT_MS + 12 * 3_600_000;
  expect(draw(1, noon)).not.toBe(draw(1, noon + 1000));
  expect(strokesOf(draw(1, noon, "a"))).toBe("2026-11-21 12:00:00Z  A".replaceAll(" ", "").length);
});

test("a device id cannot leave its line", () => {
  expect(draw(1, MIDNIGHT_MS, `"/><script>`)).not.toContain("<script>");
});

function strokesOf(svg: string): number {
  const line = svg.slice(svg.indexOf('<rect y="452"'));
  return [...line.matchAll(/ d="M/g)].length;
}

function startOfFrame(jpeg: Buffer): { marker: number; width: number; height: number } {
  let at = 2;
  while (jpeg[at] === 0xff) {
    const marker = jpeg.readUInt8(at + 1);
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { marker, height: jpeg.readUInt16BE(at + 5), width: jpeg.readUInt16BE(at + 7) };
    }
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  throw new Error("no start of frame");
}

/** The feeder's half of a change of rate. */
import { expect } from "vitest";
import type { CameraOnALine } from "./camera-on-a-line.ts";
import { TYPE } from "./wire-frame.ts";

export const FAST = 921_600;

export function rateFrame(bitsPerSecond: number, step: number) {
  const payload = Buffer.alloc(5, step);
  payload.writeUInt32LE(bitsPerSecond);
  return { type: TYPE.rate, payload };
}

export function probe(number: number, echo = 0) {
  return {
    type: TYPE.probe,
    payload: Buffer.from([number, echo, ...Array(15).fill([0x55, 0xaa]).flat()]),
  };
}

/** Proposed, accepted and switched. */
export async function switched(line: CameraOnALine, bitsPerSecond = FAST): Promise<void> {
  await line.say(rateFrame(bitsPerSecond, 0));
  const accept = await line.nextOfType("rate");
  expect(accept.payload).toEqual(rateFrame(bitsPerSecond, 1).payload);
  expect(accept.bitsPerSecond).toBe(115_200);
  await line.advance(accept.atMs + 0.1);
  expect(line.bitsPerSecond).toBe(bitsPerSecond);
}

export async function proved(line: CameraOnALine): Promise<void> {
  await switched(line);
  for (const number of [1, 2, 3]) {
    await line.say(probe(number));
    const echo = await line.nextOfType("probe");
    expect(echo.payload).toEqual(probe(number, 1).payload);
    expect(echo.bitsPerSecond).toBe(FAST);
  }
}

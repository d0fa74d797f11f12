/** A read replaces the one before, also one that brings nothing. */
import { expect, test } from "vitest";
import type { FeederByHand } from "./feeder-by-hand.ts";
import { describeCamera } from "./lock-step-camera.ts";
import { endCamerasAfterEach, holdStill } from "./met-camera.ts";
import { STILLS } from "./pictures-folder.ts";
import { TYPE } from "./wire-frame.ts";

const [FIRST] = STILLS as readonly [Buffer, Buffer, Buffer];

/** Acknowledges all that comes for a while; answers what of it was not empty. */
async function dataOf(feeder: FeederByHand, forMs: number) {
  const { line } = feeder;
  const untilMs = line.nowMs + forMs;
  const data = [];
  while (line.nowMs < untilMs) {
    await line.advance(line.nowMs + 10);
    const frames = line.frames.splice(0).filter(({ type }) => type === TYPE.data);
    for (const frame of frames) feeder.keep(frame);
    if (frames.length > 0) await feeder.ackBulk();
    data.push(...frames.filter(({ payload }) => payload.length > 0));
  }
  return data;
}

describeCamera("the camera", () => {
  endCamerasAfterEach();

  test.each([
    { id: 7, fileOffsetBytes: 0 },
    { id: 1, fileOffsetBytes: FIRST.length },
    { id: 1, fileOffsetBytes: FIRST.length + 1 },
    { id: 1, fileOffsetBytes: 4_294_967_296 },
  ])("stops what it was sending at a read of %j", async (read) => {
    const { line, feeder } = await holdStill();
    await feeder.order("read", { id: 1, fileOffsetBytes: 0 });
    feeder.keep(await line.nextOfType("data"));
    await feeder.order("read", read);
    // One frame was leaving, and one waited in the transmitter.
    expect((await dataOf(feeder, 1_500)).length).toBeLessThanOrEqual(2);
    expect(await feeder.fetch(1, FIRST.length, 5_000)).toEqual(FIRST.subarray(5_000));
  });

  test("answers each read of an object it does not hold", async () => {
    const { feeder } = await holdStill();
    const unknown = [7, 8, 9];
    for (const id of unknown) await feeder.order("read", { id, fileOffsetBytes: 0 });
    const answered = [];
    for (const _ of unknown) answered.push(await feeder.answered("cancel"));
    expect(answered).toHaveLength(3);
    expect(answered).toEqual(expect.arrayContaining(unknown.map((id) => ({ id }))));
  });

  test("loses no read of many while none of its answers arrives", async () => {
    const { line, feeder } = await holdStill();
    for (let id = 20; id < 30; id++) await feeder.order("read", { id, fileOffsetBytes: 0 });
    await line.advance(line.nowMs + 100);
    const accepted = Math.max(...line.frames.map(({ ack }) => ack)) - 1;
    for (let turn = 0; turn < accepted; turn++) await feeder.answered("cancel");
    expect(accepted).toBe(9);
  });
});

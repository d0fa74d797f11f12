/** When the camera sleeps, and when it does not. */
import { expect, test } from "vitest";
import { describeCamera } from "./lock-step-camera.ts";
import { endCamerasAfterEach, holdStill, meetCamera } from "./met-camera.ts";

describeCamera("the camera", () => {
  endCamerasAfterEach();

  test.each([
    { op: "photo", captureId: "c1" },
    { op: "clip", captureId: "c1", seconds: 3 },
    { op: "wifi_stage", ssid: "garden", passphrase: "" },
  ])("does not sleep in the middle of %j", async (command) => {
    const { feeder } = await meetCamera();
    await feeder.order("command", command);
    await feeder.order("command", { op: "sleep" });
    expect(await feeder.answered("result")).toEqual({ op: "sleep", ok: false, reason: "busy" });
  });

  test("sleeps after a minute without a word, or ten when it holds something", async () => {
    const empty = await meetCamera();
    await empty.line.advance(59_990);
    expect(empty.line.asleep).toBe(false);
    await empty.line.advance(60_100);
    expect(empty.line.asleep).toBe(true);

    const holding = await holdStill();
    const heardMs = holding.line.nowMs;
    await holding.line.advance(heardMs + 599_990);
    expect(holding.line.asleep).toBe(false);
    await holding.line.advance(heardMs + 600_010);
    expect(holding.line.asleep).toBe(true);
  });

  test("waits with sleep for its last result to arrive, but not for ever", async () => {
    const { line, feeder } = await meetCamera();
    await feeder.order("command", { op: "status" });
    await feeder.order("command", { op: "sleep" });
    await line.advance(line.nowMs + 900);
    expect(line.asleep).toBe(false);
    await line.advance(line.nowMs + 200);
    expect(line.asleep).toBe(true);
  });

  test("accepts nothing more once it has said that it sleeps", async () => {
    const { line, feeder } = await meetCamera();
    await feeder.order("command", { op: "sleep" });
    await feeder.order("command", { op: "photo", captureId: "c1" });
    await line.advance(line.nowMs + 900);
    expect(line.frames.every(({ ack }) => ack <= 1)).toBe(true);
    await line.advance(line.nowMs + 200);
    expect(line.records).toEqual([{ kind: "sleep" }]);
  });

  test("stays awake for a feeder that starts before it sleeps", async () => {
    const { line, feeder } = await meetCamera();
    await feeder.order("command", { op: "sleep" });
    await feeder.hello({ bootId: "13-0a1b2c3d-2" });
    await line.advance(line.nowMs + 5_000);
    expect(line.asleep).toBe(false);
    line.frames.length = 0;
    await feeder.order("command", { op: "status" });
    expect(await feeder.answered("result")).toMatchObject({ op: "status", ok: true });
  });
});

import { expect, test } from "vitest";
import { Shots } from "../../../device/esp32/capture/shots.ts";
import { withDefaults } from "../../../protocol/device-config.ts";

/** Shots with what was told of them. */
function toldShots() {
  const told: string[] = [];
  const shots = new Shots(withDefaults({}), ({ captureId, latencyMs }, failure) => {
    told.push(`${captureId} ${failure ?? "ok"} ${latencyMs}`);
  });
  return { shots, told };
}

function ask(shots: Shots, nowMs: number): string | undefined {
  const due = shots.takeDue(nowMs);
  if (due !== undefined) shots.ask(due, nowMs);
  return due?.captureId;
}

test("one shot is asked for at a time", () => {
  const { shots } = toldShots();
  shots.visit("v", 0);
  expect(ask(shots, 0)).toBe("v");
  expect(ask(shots, 6_000)).toBeUndefined();
  shots.offered("v");
  expect(ask(shots, 6_000)).toBe("v-clip");
});

test("a visit that another one overtakes while the camera wakes keeps its first still", () => {
  const { shots } = toldShots();
  shots.visit("v1", 0);
  shots.visit("v2", 12_000);
  expect(ask(shots, 14_000)).toBe("v1");
  shots.offered("v1");
  expect(ask(shots, 14_100)).toBe("v2");
});

test("a camera that does not wake ends every shot that was due, and no other", () => {
  const { shots, told } = toldShots();
  shots.visit("v1", 0);
  shots.visit("v2", 12_000);
  shots.lost("camera_unreachable", 45_000);
  expect(told).toEqual(["v1 camera_unreachable 45000", "v2 camera_unreachable 33000"]);
  expect(shots.next()).toBeUndefined();
});

test("a camera that falls silent ends what it was asked; the next still has its turn", () => {
  const { shots, told } = toldShots();
  shots.visit("v", 0);
  shots.withoutClip();
  ask(shots, 0);
  shots.lost("camera_silent", 6_000);
  expect(told).toEqual(["v camera_silent 6000"]);
  expect(shots.next()?.captureId).toBe("v-2");
});

test("a still that a restart of the camera lost is asked for again, before anything else", () => {
  const { shots } = toldShots();
  shots.visit("v", 0);
  ask(shots, 0);
  shots.offered("v");
  shots.lostInRestart(["v", "of-another-boot"], 6_000);
  expect(ask(shots, 6_000)).toBe("v");
});

test("the end of a shot is told once, whatever comes later", () => {
  const { shots, told } = toldShots();
  shots.visit("v", 0);
  ask(shots, 0);
  shots.tick(7_999);
  shots.tick(8_000);
  shots.end({ captureId: "v", op: "photo" }, undefined, 9_000);
  expect(told).toEqual(["v still_failed 8000"]);
});

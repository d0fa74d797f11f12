import { expect, test } from "vitest";
import {
  type CameraInput,
  type CameraState,
  stepCamera,
} from "../../../device/esp32/capture/camera-state.ts";

const NOW_MS = 1_000;
const asleep: CameraState = { kind: "asleep" };
const waking = (attempt: number): CameraState => ({ kind: "waking", attempt, deadlineMs: 0 });
const asking = (restarts: number): CameraState => ({ kind: "asking", restarts, deadlineMs: 0 });
const receiving: CameraState = { kind: "receiving", restarts: 0, deadlineMs: 0 };
const dismissing: CameraState = { kind: "dismissing", deadlineMs: 0 };

const visit: CameraInput = { kind: "visit" };
const hello: CameraInput = { kind: "hello" };
const offered: CameraInput = { kind: "offered" };
const stored: CameraInput = { kind: "stored" };
const deadline: CameraInput = { kind: "deadline" };
const dismissed: CameraInput = { kind: "dismissed" };

test.each<[CameraState, CameraInput, string, string[]]>([
  [asleep, visit, "waking", ["open", "wake"]],
  [asleep, hello, "asleep", []],
  [asleep, deadline, "asleep", []],
  [waking(1), hello, "asking", ["forget", "ask"]],
  [waking(1), deadline, "waking", ["wake"]],
  [waking(2), deadline, "waking", ["wake"]],
  [waking(3), deadline, "asleep", ["failed camera_unreachable", "close"]],
  [waking(1), visit, "waking", []],
  [asking(0), offered, "receiving", []],
  [asking(0), hello, "asking", ["forget", "ask"]],
  [asking(2), hello, "dismissing", ["forget", "failed camera_silent", "dismiss"]],
  [asking(0), deadline, "dismissing", ["forget", "failed still_failed", "dismiss"]],
  [receiving, { kind: "progress" }, "receiving", []],
  [receiving, hello, "asking", ["forget", "ask"]],
  [receiving, stored, "dismissing", ["dismiss"]],
  [receiving, deadline, "dismissing", ["forget", "failed camera_silent", "dismiss"]],
  [
    receiving,
    { kind: "refused", reason: "still_corrupt" },
    "dismissing",
    ["forget", "failed still_corrupt", "dismiss"],
  ],
  [dismissing, dismissed, "asleep", ["close"]],
  [dismissing, deadline, "asleep", ["close"]],
  [dismissing, hello, "dismissing", []],
  [dismissing, visit, "dismissing", []],
])("%j with %j goes to %s", (state, input, kind, effects) => {
  const step = stepCamera(state, input, NOW_MS);
  expect(step.state.kind).toBe(kind);
  const told = step.effects.map((effect) =>
    effect.kind === "failed" ? `failed ${effect.reason}` : effect.kind,
  );
  expect(told).toEqual(effects);
  if (step.state.kind !== "asleep" && step.state !== state) {
    expect(step.state.deadlineMs).toBeGreaterThan(NOW_MS);
  }
});

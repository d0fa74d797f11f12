import { expect, test } from "vitest";
import { reconnectDelayMs } from "../../../device/esp32/session/backoff.ts";
import {
  type SessionInput,
  type SessionState,
  stepSession,
} from "../../../device/esp32/session/session-state.ts";

const offline: SessionState = { kind: "offline", failures: 0 };
const discovering: SessionState = { kind: "discovering", failures: 2 };
const enrolling: SessionState = { kind: "enrolling", failures: 2 };
const connecting: SessionState = { kind: "connecting", failures: 2 };
const online: SessionState = { kind: "online", failures: 2 };
const waiting: SessionState = { kind: "waiting", failures: 3 };
const up: SessionInput = { kind: "network", online: true };
const down: SessionInput = { kind: "network", online: false };

test.each<[SessionState, SessionInput, SessionState, string[]]>([
  [offline, up, { kind: "discovering", failures: 0 }, ["discover"]],
  [offline, down, offline, []],
  [offline, { kind: "waited" }, offline, []],
  [discovering, { kind: "discovered" }, connecting, ["connect"]],
  [discovering, { kind: "failed" }, waiting, ["wait"]],
  [discovering, { kind: "refused" }, enrolling, ["enrol"]],
  [discovering, up, discovering, []],
  [enrolling, { kind: "enrolment_over" }, waiting, ["wait"]],
  [enrolling, { kind: "refused" }, enrolling, []],
  [enrolling, down, offline, ["disconnect"]],
  [connecting, { kind: "welcomed" }, online, ["up"]],
  [connecting, { kind: "closed" }, waiting, ["wait"]],
  [online, { kind: "closed" }, { kind: "waiting", failures: 3 }, ["wait"]],
  [online, { kind: "acknowledged" }, { kind: "online", failures: 0 }, []],
  [online, { kind: "waited" }, online, []],
  [online, { kind: "refused" }, { kind: "waiting", failures: 3 }, ["disconnect", "wait"]],
  [online, down, offline, ["disconnect"]],
  [waiting, { kind: "waited" }, { kind: "discovering", failures: 3 }, ["discover"]],
  [waiting, { kind: "closed" }, waiting, []],
  [waiting, down, offline, ["disconnect"]],
])("%j with %j", (state, input, next, effects) => {
  const step = stepSession(state, input, 0.5);
  expect(step.state).toEqual(next);
  expect(step.effects.map(({ kind }) => kind)).toEqual(effects);
});

test.each([
  [0, 0.999, 999],
  [0, 0, 0],
  [3, 0.5, 4_000],
  [6, 0.999, 59_940],
  [500, 0.5, 30_000],
])("after %i failures chance %d waits %i ms", (failures, uniform, delayMs) => {
  expect(reconnectDelayMs(failures, uniform)).toBe(delayMs);
});

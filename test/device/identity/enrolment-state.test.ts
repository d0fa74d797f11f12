import { describe, expect, test } from "vitest";
import {
  type EnrolmentInput,
  type EnrolmentState,
  stepEnrolment,
} from "../../../device/esp32/identity/enrolment-state.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const ANSWER = { deviceCode: "secret", claimCode: "WDJB-MJHT", interval: 5, expiresIn: 1_800 };

/** Each input with its time; the effects of the last. */
function lastOf(...inputs: readonly (readonly [atMs: number, input: EnrolmentInput])[]) {
  let state: EnrolmentState = { kind: "none" };
  let effects: readonly object[] = [];
  for (const [atMs, input] of inputs) ({ state, effects } = stepEnrolment(state, input, atMs));
  return { state, effects };
}

const refused = { kind: "refused" } as const;
const waited = { kind: "waited" } as const;
const stopped = { kind: "stopped" } as const;
const asked = (answer: Partial<typeof ANSWER> = {}) =>
  ({ kind: "asked", answer: { ...ANSWER, ...answer } }) as const;
const polled = (kind: "pending" | "denied" | "expired") =>
  ({ kind: "polled", verdict: { kind } }) as const;

describe("what a server says of times is bounded", () => {
  test.each([
    [-1, 5],
    [0, 5],
    [7, 7],
    [1e9, 60],
  ])("%i seconds between polls are %i", (interval, seconds) => {
    const { effects } = lastOf([0, refused], [0, asked({ interval })]);
    expect(effects).toContainEqual({ kind: "wait", delayMs: seconds * SECOND_MS });
  });

  test.each([
    [0, 60],
    [1_800, 1_800],
    [1e9, 3_600],
  ])("codes of %i seconds are good for %i", (expiresIn, seconds) => {
    const begun = [
      [0, refused],
      [0, asked({ expiresIn })],
    ] as const;
    const untilMs = seconds * SECOND_MS;
    const poll = { kind: "poll", deviceCode: "secret" };
    expect(lastOf(...begun, [untilMs - 1, waited]).effects).toContainEqual(poll);
    expect(lastOf(...begun, [untilMs, waited])).toEqual({
      state: { kind: "none" },
      effects: [{ kind: "over" }],
    });
  });
});

test("an answer that is none ends it, and discovery has the next word", () => {
  const { effects } = lastOf([0, refused], [0, { kind: "asked", answer: undefined }]);
  expect(effects).toEqual([{ kind: "over" }]);
});

test("a token is kept before discovery is asked with it", () => {
  const approved = { kind: "polled", verdict: { kind: "approved", token: "t" } } as const;
  const { effects } = lastOf([0, refused], [0, asked()], [5_000, waited], [5_100, approved]);
  expect(effects).toEqual([{ kind: "keep", token: "t" }, { kind: "over" }]);
});

test("an answer that comes when nothing was asked changes nothing", () => {
  for (const input of [asked(), polled("denied")]) {
    expect(lastOf([0, input])).toEqual({ state: { kind: "none" }, effects: [] });
  }
});

describe("when the network goes", () => {
  test("a code that was shown stays good, and no other is asked for", () => {
    const begun = [
      [0, refused],
      [0, asked()],
      [9_000, stopped],
    ] as const;
    expect(lastOf(...begun, [60_000, refused]).effects).toEqual([{ kind: "wait", delayMs: 5_000 }]);
    expect(lastOf(...begun, [1_800_000, refused]).effects).toEqual([{ kind: "ask" }]);
  });

  test("a question that was not answered is asked anew", () => {
    expect(lastOf([0, refused], [0, stopped], [9, refused]).effects).toEqual([{ kind: "ask" }]);
  });

  test("a denial lasts", () => {
    const denied = [
      [0, refused],
      [0, asked()],
      [5_000, polled("denied")],
      [6_000, stopped],
    ] as const;
    const left = { kind: "wait", delayMs: HOUR_MS - 5_000 };
    expect(lastOf(...denied, [10_000, refused]).effects).toEqual([left]);
    expect(lastOf(...denied, [HOUR_MS + 5_000, refused]).effects).toEqual([{ kind: "ask" }]);
  });
});

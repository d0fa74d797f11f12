import fc from "fast-check";
import { expect, test } from "vitest";
import type { ResetReason, SlotState } from "../../../device/esp32/ports.ts";
import {
  type Attempt,
  type BootFacts,
  judgeBoot,
  parseAttempt,
} from "../../../device/esp32/update/attempt.ts";

const ATTEMPT: Attempt = {
  phase: "pending",
  id: "attempt1",
  from: "old",
  to: "new",
  version: "2.0.0",
  sequence: 9,
};
const STAGED: Attempt = { ...ATTEMPT, phase: "staged" };
const NEW = { runningElfSha256: "new" };
const OLD = { runningElfSha256: "old" };
const none = { attempt: undefined };

function judge(facts: Partial<BootFacts>) {
  const outcome = judgeBoot({
    attempt: ATTEMPT,
    runningElfSha256: "old",
    runningState: "valid",
    otherState: "aborted",
    resetReason: "power_on",
    boardFailed: false,
    ...facts,
  });
  if (outcome.kind === "not_taken_back") return `not taken back: ${outcome.reason}`;
  return outcome.kind === "rolled_back" ? outcome.reason : outcome.kind;
}

test.each<[string, string, Partial<BootFacts>]>([
  ["nothing was under way", "ordinary", none],
  ["an image flashed by hand on trial", "trial", { ...none, runningState: "pending" }],
  ["the new image, on trial", "trial", { ...NEW, attempt: STAGED, runningState: "pending" }],
  [
    "the new image under a bootloader that knows no rollback",
    "trial",
    { ...NEW, attempt: STAGED, runningState: "new" },
  ],
  [
    "it crashed, and the bootloader knows no rollback",
    "not taken back: crash",
    { ...NEW, runningState: "new", resetReason: "software" },
  ],
  [
    "it hung, and the write of its state was torn",
    "not taken back: watchdog",
    { ...NEW, runningState: "none", resetReason: "watchdog" },
  ],
  [
    "the power went on trial, and the bootloader knows no rollback",
    "not taken back: power_cut",
    { ...NEW, runningState: "new" },
  ],
  ["confirmed, and the power went before the attempt was cleared", "confirmed", NEW],
  ["it panicked", "crash", { ...OLD, resetReason: "panic" }],
  ["it hung", "watchdog", { ...OLD, resetReason: "watchdog" }],
  ["it restarted itself on trial", "crash", { ...OLD, resetReason: "software" }],
  [
    "it fell back at once",
    "never_started",
    { ...OLD, otherState: "pending", resetReason: "software" },
  ],
  ["the power went on trial", "power_cut", { ...OLD, resetReason: "power_on" }],
  ["the supply sagged on trial", "power_cut", { ...OLD, resetReason: "brownout" }],
  ["the power went while the selection was written", "power_cut", { ...OLD, otherState: "none" }],
  ["it judged itself unfit", "self_test_failed", rejected("self_test_failed")],
  ["it did not reach the server", "server_unreachable", rejected("server_unreachable")],
  ["it did not reach the network", "network_unreachable", rejected("network_unreachable")],
  ["its release was blocked", "release_blocked", rejected("release_blocked")],
])("%s: %s", (_what, expected, facts) => {
  expect(judge(facts)).toBe(expected);
});

function rejected(reason: string): Partial<BootFacts> {
  return {
    attempt: { ...ATTEMPT, phase: "rejected", reason },
    otherState: "invalid",
    resetReason: "software",
  };
}

const RESETS: ResetReason[] = ["power_on", "external", "software", "panic", "watchdog", "brownout"];
const STATES: SlotState[] = ["new", "pending", "valid", "invalid", "aborted", "none"];

test("the power never condemns an image, and only the new image is ever confirmed or tried", () => {
  const facts = fc.record({
    attempt: fc.constant(ATTEMPT),
    runningElfSha256: fc.constantFrom("old", "new", "flashed by hand"),
    runningState: fc.constantFrom(...STATES),
    otherState: fc.constantFrom(...STATES.filter((state) => state !== "pending")),
    resetReason: fc.constantFrom(...RESETS),
    boardFailed: fc.boolean(),
  });
  fc.assert(
    fc.property(facts, (boot) => {
      const outcome = judgeBoot(boot);
      if (outcome.kind === "rolled_back") {
        const isPower = ["power_on", "external", "brownout"].includes(boot.resetReason);
        if (isPower) expect(outcome.reason).toBe("power_cut");
        expect(boot.runningElfSha256).not.toBe("new");
      } else {
        expect(boot.runningElfSha256).toBe("new");
      }
    }),
  );
});

test("what is stored is read again, and nothing else is", () => {
  expect(parseAttempt(JSON.stringify(ATTEMPT))).toEqual(ATTEMPT);
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseAttempt(text)).toBeUndefined();
    }),
  );
});

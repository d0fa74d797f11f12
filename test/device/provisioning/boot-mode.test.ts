import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ResetReason } from "../../../device/esp32/ports.ts";
import { type BootFacts, planBoot } from "../../../device/esp32/provisioning/boot-mode.ts";

const FACTS: BootFacts = {
  resetReason: "power_on",
  isSetUp: true,
  isOnTrial: false,
  wasPressed: false,
  powerOns: 0,
};
const OTHERS: readonly ResetReason[] = [
  "external",
  "software",
  "panic",
  "watchdog",
  "deep_sleep",
  "brownout",
  "unknown",
];
const reason = fc.constantFrom<ResetReason>("power_on", ...OTHERS);

function plan(facts: Partial<BootFacts>) {
  const { mode, powerOns } = planBoot({ ...FACTS, ...facts });
  return [mode.kind === "portal" ? mode.why : "feeder", powerOns];
}

describe("the portal", () => {
  test.each<[string, Partial<BootFacts>, string, number]>([
    ["opens for a board that was never set up", { isSetUp: false }, "not_set_up", 1],
    ["opens at the third power-on in a row", { powerOns: 2 }, "power_cycles", 3],
    ["opens again at the fourth", { powerOns: 3 }, "power_cycles", 3],
    ["stays closed at the second", { powerOns: 1 }, "feeder", 2],
    ["opens after a press", { resetReason: "software", wasPressed: true }, "press", 0],
  ])("%s", (_what, facts, mode, powerOns) => {
    expect(plan(facts)).toEqual([mode, powerOns]);
  });
});

test.each(OTHERS)("%s neither counts nor opens nor takes back", (resetReason) => {
  for (const powerOns of [0, 1, 2, 3]) {
    expect(plan({ resetReason, powerOns })).toEqual(["feeder", powerOns]);
  }
});

test("an image on trial runs as a feeder, whatever was asked for, and the gesture still counts", () => {
  fc.assert(
    fc.property(
      reason,
      fc.boolean(),
      fc.boolean(),
      fc.nat(3),
      (resetReason, isSetUp, wasPressed, powerOns) => {
        const facts = { resetReason, isSetUp, wasPressed, powerOns };
        const [mode, counted] = plan({ ...facts, isOnTrial: true });
        expect(mode).toBe("feeder");
        expect(counted).toBe(plan(facts)[1]);
      },
    ),
  );
});

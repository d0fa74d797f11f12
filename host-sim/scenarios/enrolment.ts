import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../durations.ts";
import type { Scenario } from "../scenario.ts";

const STAY_MS = 6 * SECOND_MS;
const CUT_AT_MS = 8 * MINUTE_MS;
const REVOKED_AT_MS = HOUR_MS;

export const scenario: Scenario = {
  about:
    "a feeder that nobody knows is let in by the code it shows; later it is put out, and let in anew",
  hours: 3,
  props: () => ({ closedServer: true }),
  faults: [
    {
      kind: "power_cut",
      feeder: 0,
      atMs: CUT_AT_MS,
      forMs: MINUTE_MS,
      operation: 0,
      phase: "before",
    },
  ],
  play(stage) {
    const feeder = stage.feeders[0];
    const deviceId = feeder?.deviceId ?? "";
    const shown: (string | undefined)[] = [];
    stage.at(5 * MINUTE_MS, () => feeder?.visit(STAY_MS));
    stage.at(CUT_AT_MS - SECOND_MS, () => {
      shown.push(feeder?.claimCode);
    });
    stage.at(15 * MINUTE_MS, () => {
      shown.push(feeder?.claimCode);
      return stage.approve(deviceId);
    });
    stage.at(REVOKED_AT_MS, () => stage.revoke(deviceId));
    stage.at(REVOKED_AT_MS + 10 * MINUTE_MS, () => feeder?.visit(STAY_MS));
    stage.at(REVOKED_AT_MS + 40 * MINUTE_MS, () => {
      shown.push(feeder?.claimCode);
      stage.tell(`it showed ${shown.join(", ")}`);
      return stage.approve(deviceId);
    });
    stage.at(2 * HOUR_MS, () => feeder?.visit(STAY_MS));
  },
  ending({ acknowledged, told }) {
    const codes = new Set(told[0]?.match(/[A-Z]{4}-[A-Z]{4}/g));
    if (codes.size !== 3) return `three codes were wanted: ${told[0]}`;
    const { length } = acknowledged;
    return length === 3 ? undefined : `${length} of 3 photos arrived`;
  },
};

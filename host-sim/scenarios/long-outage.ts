import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../durations.ts";
import type { Scenario } from "../scenario.ts";

const VISITS = 12;

export const scenario: Scenario = {
  about: "the server is gone for a night; the visits of that night arrive in the morning",
  hours: 12,
  faults: [{ kind: "server_refuses", atMs: HOUR_MS, forMs: 8 * HOUR_MS }],
  play(stage) {
    for (let visit = 0; visit < VISITS; visit++) {
      const atMs = 2 * HOUR_MS + visit * 30 * MINUTE_MS;
      stage.at(atMs, () => stage.feeders[0]?.visit(5 * SECOND_MS));
    }
  },
  ending({ acknowledged }) {
    const { length } = acknowledged;
    return length === VISITS ? undefined : `${length} of ${VISITS} photos arrived`;
  },
};

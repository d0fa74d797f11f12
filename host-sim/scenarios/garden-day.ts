import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../durations.ts";
import type { Scenario } from "../scenario.ts";

const VISITS = 40;

export const scenario: Scenario = {
  about: "a day in the garden with forty visits, on a wire that flips a bit in a hundred thousand",
  hours: 24,
  faults: [
    {
      kind: "uart_noise",
      feeder: 0,
      atMs: 0,
      forMs: 24 * HOUR_MS,
      bitErrorRate: 1e-5,
      dropFrameRate: 0,
      duplicateFrameRate: 0,
      insertByteRate: 0,
    },
  ],
  play(stage) {
    for (let visit = 0; visit < VISITS; visit++) {
      const atMs = 5 * HOUR_MS + visit * 25 * MINUTE_MS;
      stage.at(atMs, () => stage.feeders[0]?.visit(8 * SECOND_MS));
    }
  },
  ending({ feeders: [feeder], acknowledged }) {
    const wanted = feeder?.stills.length ?? 0;
    return wanted >= VISITS && acknowledged.length === wanted
      ? undefined
      : `${acknowledged.length} of ${wanted} stills were stored`;
  },
};

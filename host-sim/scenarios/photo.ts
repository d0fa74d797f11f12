import { MINUTE_MS, SECOND_MS } from "../durations.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  about: "a bird comes once, and its photo is in the gallery",
  hours: 0.5,
  play(stage) {
    stage.at(5 * MINUTE_MS, () => stage.feeders[0]?.visit(6 * SECOND_MS));
  },
  ending: ({ acknowledged }) => (acknowledged.length === 1 ? undefined : "there is no photo"),
};

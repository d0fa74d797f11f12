import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../durations.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  about: "a server that dies in the middle of what it stores, and loses what was not synced",
  hours: 4,
  faults: { kinds: ["server_crash", "answer_lost"], healedAtHours: 2, always: true },
  play(stage, { random }) {
    for (let atMs = 5 * MINUTE_MS; atMs < 3 * HOUR_MS; atMs += 5 * MINUTE_MS) {
      const lateMs = Math.floor(random() * 4 * MINUTE_MS);
      stage.at(atMs + lateMs, () => stage.feeders[0]?.visit(4 * SECOND_MS));
    }
  },
};

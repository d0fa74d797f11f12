import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../durations.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  about: "power that comes and goes, in the middle of photos and of an update",
  hours: 4,
  faults: { kinds: ["power_cut", "brownout", "deep_sleep"], healedAtHours: 2, always: true },
  async play(stage, { random, image }) {
    const release = await image("1.1.0");
    stage.at(10 * MINUTE_MS, () => stage.publish(release));
    for (let atMs = 15 * MINUTE_MS; atMs < 3 * HOUR_MS; atMs += 15 * MINUTE_MS) {
      const lateMs = Math.floor(random() * 10 * MINUTE_MS);
      stage.at(atMs + lateMs, () => stage.feeders[0]?.visit(6 * SECOND_MS));
    }
  },
};

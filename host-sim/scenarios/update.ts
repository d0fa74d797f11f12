import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../durations.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";

const SIZE_BYTES = 1_200_000;
const NEXT_AT_MS = HOUR_MS;

export const scenario: Scenario = {
  about: "a feeder updates itself; of the next release somebody on the way hands out another image",
  hours: 2,
  faults: [{ kind: "other_image", atMs: NEXT_AT_MS, forMs: HOUR_MS }],
  async play(stage, { image }) {
    const first = await image("1.1.0", SIZE_BYTES);
    const next = await image("1.2.0", SIZE_BYTES);
    stage.at(MINUTE_MS, () => stage.publish(first));
    stage.at(30 * MINUTE_MS, () => stage.feeders[0]?.visit(6 * SECOND_MS));
    stage.at(NEXT_AT_MS, () => stage.publish(next));
    stage.at(2 * HOUR_MS - SECOND_MS, () => tellSteps(stage));
  },
  ending({ boots }) {
    const versions = boots.map(({ version }) => version).join(" ");
    return versions === "1.0.0 1.1.0" ? undefined : `it booted ${versions}`;
  },
};

function tellSteps(stage: Stage): void {
  for (const { atMs, message } of stage.server.heard) {
    if (message.type !== "event.ota") continue;
    const { version, status, reason = "" } = message.payload as Record<string, string>;
    if (status === "downloading") continue;
    stage.tell(`${(atMs / 1000).toFixed(1)} s: ${[version, status, reason].join(" ").trim()}`);
  }
}

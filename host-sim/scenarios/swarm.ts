import { HOUR_MS, SECOND_MS } from "../durations.ts";
import { FAULT_KINDS } from "../faults/draw-plan.ts";
import { lastHeartbeat } from "../invariants/feeder-health.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";

const HEALED_AT_HOURS = 4;
/** A camera that was unreachable is left alone for five minutes at most; a queue that was parked is tried hourly. */
const LAST_VISIT_HOURS = 5.5;
const VISITS_MAX = 10;
const STAY_MAX_MS = 40 * SECOND_MS;

export const scenario: Scenario = {
  about:
    "birds, an update, other settings and a power cut, with everything wrong at once that the seed wants",
  hours: 6,
  props: (random) => ({ clips: random() < 0.3, cameraSupply: random() < 0.5 }),
  faults: { kinds: FAULT_KINDS, healedAtHours: HEALED_AT_HOURS },
  async play(stage, { random, image }) {
    const [feeder] = stage.feeders;
    const visits = 2 + Math.floor(random() * VISITS_MAX);
    for (let visit = 0; visit < visits; visit++) {
      const stayMs = SECOND_MS + Math.floor(random() * STAY_MAX_MS);
      stage.at(Math.floor(random() * HEALED_AT_HOURS * HOUR_MS), () => feeder?.visit(stayMs));
    }
    const publishAtMs = Math.floor(random() * HEALED_AT_HOURS * HOUR_MS);
    if (random() < 0.5) {
      const release = await image("1.1.0");
      stage.at(publishAtMs, () => stage.publish(release));
    }
    const configureAtMs = Math.floor(random() * HEALED_AT_HOURS * HOUR_MS);
    if (feeder !== undefined && random() < 0.3) {
      stage.at(configureAtMs, () => stage.configure(feeder.deviceId, { stillEverySeconds: 20 }));
    }
    for (const hours of [HEALED_AT_HOURS, HEALED_AT_HOURS + 0.5]) {
      stage.at(hours * HOUR_MS, () => endSafeMode(stage));
    }
    stage.at(LAST_VISIT_HOURS * HOUR_MS, () => feeder?.visit(8 * SECOND_MS));
  },
  ending({ feeders: [feeder], acknowledged }) {
    const isStored = acknowledged.some(({ sha256 }) => sha256 === feeder?.stills.at(-1));
    const isNew = (feeder?.lastStillAtMs ?? 0) >= LAST_VISIT_HOURS * HOUR_MS;
    return isStored && isNew ? undefined : "the visit after the faults left no photo";
  },
};

/** Storage that was full leaves a feeder in safe mode for a day, or until somebody restarts it. Nobody else is helped. */
async function endSafeMode(stage: Stage): Promise<void> {
  for (const { deviceId } of stage.feeders) {
    if (lastHeartbeat(stage, deviceId)?.payload.safeMode !== "storage_failed") continue;
    await stage.command(deviceId, { action: "restart" });
  }
}

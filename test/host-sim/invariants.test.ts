import { expect, test } from "vitest";
import { playScenario } from "../../cli/sim/play-scenario.ts";
import { buildProps } from "../../cli/sim/scenario-props.ts";
import { MINUTE_MS } from "../../host-sim/durations.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { auditStage } from "../../host-sim/scenario.ts";
import { scenario } from "../../host-sim/scenarios/photo.ts";
import type { Stage } from "../../host-sim/stage.ts";
import type { Heard } from "../../host-sim/staged-server.ts";

const props = await buildProps();
const deviceId = "feeder-1";

/** A photo's story that holds, of which one thing is then otherwise. */
async function auditAfter(change: (stage: Stage) => void): Promise<string | undefined> {
  const { stage, broken } = await playScenario(scenario, props, { seed: 1, engine: nodeEngine });
  expect(broken).toBeUndefined();
  change(stage);
  return auditStage(stage);
}

const heardBy = (stage: Stage) => stage.server.heard as Heard[];

function forget(stage: Stage, isForgotten: (heard: Heard) => boolean): void {
  const kept = heardBy(stage).filter((heard) => !isForgotten(heard));
  heardBy(stage).splice(0, Number.POSITIVE_INFINITY, ...kept);
}

const isBeat = ({ message }: Heard) => message.type === "event.heartbeat";

test("a story that holds has nothing wrong in it", async () => {
  expect(await auditAfter(() => {})).toBeUndefined();
});

test.each<[string, (stage: Stage) => void, RegExp]>([
  [
    "a version nobody published",
    ({ boots }) => boots.push({ deviceId, version: "9.9.9", sequenceFloor: 0 }),
    /it ran 9\.9\.9, which nobody published/,
  ],
  [
    "an accepted sequence that falls",
    ({ boots }) =>
      boots.push(
        { deviceId, version: "1.0.0", sequenceFloor: 7 },
        { deviceId, version: "1.0.0", sequenceFloor: 6 },
      ),
    /fell from 7 to 6/,
  ],
  [
    "a release that nobody mentions",
    ({ releases }) => releases.push("1.1.0"),
    /runs 1\.0\.0 and says nothing of 1\.1\.0/,
  ],
  ["no heartbeat", (stage) => forget(stage, isBeat), /never been heard/],
  [
    "no heartbeat in the end",
    (stage) => forget(stage, (heard) => isBeat(heard) && heard.atMs > 20 * MINUTE_MS),
    /not been heard for/,
  ],
  [
    "minutes of silence",
    (stage) =>
      forget(
        stage,
        (heard) => isBeat(heard) && heard.atMs > 10 * MINUTE_MS && heard.atMs < 20 * MINUTE_MS,
      ),
    /was not heard for \d+ s, long after the faults/,
  ],
  [
    "an acknowledged photo that is nowhere",
    ({ acknowledged }) => acknowledged.push({ deviceId, sha256: "0".repeat(64), atMs: 5 }),
    /acknowledged at 5 ms is lost/,
  ],
  [
    "a photo that no camera took",
    ({ feeders }) => feeders[0]?.stills.splice(0),
    /is not what the camera took/,
  ],
  [
    "a still that was told of and is nowhere",
    (stage) =>
      heardBy(stage).push({
        atMs: 1,
        message: { type: "event.capture", deviceId, payload: { captureId: "7-x-1", ok: true } },
      }),
    /7-x-1 was taken and is nowhere/,
  ],
  [
    "a camera that stays awake",
    ({ feeders: [feeder] }) => {
      feeder?.camera.supply(false);
      feeder?.camera.supply(true);
    },
    /still awake/,
  ],
])("%s is wrong", async (_what, change, wrong) => {
  expect(await auditAfter(change)).toMatch(wrong);
});

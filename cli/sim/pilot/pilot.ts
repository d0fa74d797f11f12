import { DAY_MS, HOUR_MS, SECOND_MS } from "../../../host-sim/durations.ts";
import { nodeEngine } from "../../../host-sim/engines/node.ts";
import type { FaultPlan } from "../../../host-sim/faults/fault.ts";
import { injectPlan } from "../../../host-sim/faults/inject-plan.ts";
import { filledPicture, numberedPictures } from "../../../host-sim/peers/numbered-pictures.ts";
import { randomStream } from "../../../host-sim/random.ts";
import { Stage } from "../../../host-sim/stage.ts";
import type { DeviceSettings } from "../../../protocol/device-config.ts";
import { EXIT } from "../../failure.ts";
import { done, failed, type Outcome } from "../../outcome.ts";
import type { Props } from "../play-scenario.ts";
import { drawVisits } from "./birds.ts";
import { summarise } from "./latency.ts";
import { drawPilotPlan } from "./pilot-plan.ts";
import { missedBy, type PilotReport } from "./pilot-report.ts";
import { measureFeeder, measureLatencies, type PilotTimes } from "./pilot-rows.ts";
import { PilotWatch } from "./pilot-watch.ts";

export interface PilotOptions {
  readonly devices: number;
  readonly days: number;
  readonly visitsADay: number;
  readonly seed: number;
}

/** Where a pilot in other circumstances differs. */
export interface PilotCircumstances {
  readonly props: Props;
  /** Instead of what the seed draws. */
  readonly plan?: FaultPlan;
  readonly progress: (line: string) => void;
}

const UPDATE_TO = "1.1.0";
/** As large as the feeder's own image is on an ESP32. */
const IMAGE_BYTES = 1_200_000;
/** Three hours behind the release, when the update is over. */
const CONFIGURED_AFTER_MS = 3 * HOUR_MS;
const SETTINGS: DeviceSettings = { stillEverySeconds: 20 };
/** What the camera usually makes at 640x480. */
const PICTURES = [17_000, 19_500, 22_000].map(filledPicture);
/** Behind the pilot: a queue that was parked is tried hourly, a camera that was unreachable rests for an hour. */
const SETTLING_MS = 3 * HOUR_MS;

/** The field pilot as one virtual world: feeders and the real server, birds, faults, an update and other settings. */
export async function runPilot(
  options: PilotOptions,
  { props, plan, progress }: PilotCircumstances,
): Promise<Outcome<PilotReport>> {
  const startedMs = performance.now();
  const forMs = options.days * DAY_MS;
  const faults = plan ?? drawPilotPlan(streamsOf(options), { feeders: options.devices, forMs });
  const watch = new PilotWatch();
  const stage = await buildStage(options, props, watch);
  injectPlan(stage, faults);
  planVisits(stage, options);
  const publishedAtMs = publishTimeMs(options.days);
  const times = { forMs, publishedAtMs, configuredAtMs: publishedAtMs + CONFIGURED_AFTER_MS };
  const image = await props.image(UPDATE_TO, IMAGE_BYTES);
  stage.at(times.publishedAtMs, () => stage.publish(image));
  for (const { deviceId } of stage.feeders) {
    stage.at(times.configuredAtMs, () => stage.configure(deviceId, SETTINGS));
  }
  stage.powerOn();
  const bug = await runDays(stage, options, progress);
  if (bug !== undefined) {
    return failed("pilot_broken", bug, `sim pilot ${nameOf(options)}`, EXIT.failed);
  }
  const feeders = await measureAll(stage, watch, times);
  return done({
    ...options,
    updateTo: UPDATE_TO,
    feeders,
    latency: summarise(measureLatencies(stage, watch)),
    faults: countKinds(faults),
    missed: missedBy(feeders, UPDATE_TO),
    traceHash: stage.world.trace.hash(),
    events: stage.world.events,
    wallMs: Math.round(performance.now() - startedMs),
  });
}

function streamsOf({ seed }: PilotOptions) {
  return (name: string) => randomStream(seed, name);
}

function buildStage(options: PilotOptions, props: Props, watch: PilotWatch): Promise<Stage> {
  return Stage.build({
    seed: options.seed,
    pace: "virtual",
    engine: nodeEngine,
    firmware: props.firmware,
    startServer: props.startServer,
    deviceIds: Array.from({ length: options.devices }, (_, index) => `feeder-${index + 1}`),
    view: (deviceId) => ({ still: numberedPictures(deviceId, PICTURES) }),
    watchTrace: watch.see,
  });
}

function planVisits(stage: Stage, options: PilotOptions): void {
  for (const feeder of stage.feeders) {
    const random = streamsOf(options)(`birds/${feeder.deviceId}`);
    for (const { atMs, stayMs } of drawVisits(random, options)) {
      stage.at(atMs, () => feeder.visit(stayMs));
    }
  }
}

/** The morning of the second day, or of the only one. */
function publishTimeMs(days: number): number {
  return days > 1 ? DAY_MS + 9 * HOUR_MS : 9 * HOUR_MS;
}

/** Whatever ends the world early is a bug, in the firmware, in the server or in the simulator. */
async function runDays(
  { world }: Stage,
  { days }: PilotOptions,
  progress: (line: string) => void,
): Promise<string | undefined> {
  const startedMs = performance.now();
  try {
    for (let day = 1; day <= days; day++) {
      await world.run(day * DAY_MS);
      const leftMs = ((performance.now() - startedMs) * (days - day)) / day;
      progress(`day ${day} of ${days}, ${Math.ceil(leftMs / SECOND_MS)} s left`);
    }
    await world.run(days * DAY_MS + SETTLING_MS);
  } catch (error) {
    return String(error).split("\n", 1)[0];
  }
  return undefined;
}

async function measureAll(
  stage: Stage,
  watch: PilotWatch,
  times: PilotTimes,
): Promise<PilotReport["feeders"]> {
  const feeders: PilotReport["feeders"][number][] = [];
  for (const feeder of stage.feeders) {
    feeders.push(await measureFeeder(stage, feeder, watch, times));
  }
  return feeders;
}

function countKinds(faults: FaultPlan): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of faults) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** What it takes to see the same pilot again. */
export function nameOf({ devices, days, visitsADay, seed }: PilotOptions): string {
  return `--devices ${devices} --days ${days} --visits-a-day ${visitsADay} --seed ${seed}`;
}

import type { Firmware } from "../../host-sim/board/board.ts";
import { HOUR_MS } from "../../host-sim/durations.ts";
import type { Engine } from "../../host-sim/engines/guest-port.ts";
import { drawPlan } from "../../host-sim/faults/draw-plan.ts";
import type { FaultPlan } from "../../host-sim/faults/fault.ts";
import { injectPlan } from "../../host-sim/faults/inject-plan.ts";
import { mjpegAvi } from "../../host-sim/peers/mjpeg-avi.ts";
import { filledPicture, numberedPictures } from "../../host-sim/peers/numbered-pictures.ts";
import { randomStream } from "../../host-sim/random.ts";
import { auditStage, type Cast, type Scenario, type StageProps } from "../../host-sim/scenario.ts";
import { Stage } from "../../host-sim/stage.ts";
import type { StagedServer } from "../../host-sim/staged-server.ts";
import type { World } from "../../host-sim/world.ts";

/** What every run of a command shares: it follows from nothing but the sources. */
export interface Props {
  readonly firmware: Firmware;
  readonly image: Cast["image"];
  readonly startServer: (world: World) => Promise<StagedServer>;
}

export interface PlayOptions {
  readonly seed: number;
  readonly engine: Engine;
  readonly pace?: "virtual" | "real";
  /** Instead of what the seed draws. */
  readonly plan?: FaultPlan;
  readonly watchTrace?: (line: string) => void;
}

export interface Played {
  readonly stage: Stage;
  readonly plan: FaultPlan;
  /** The first thing that does not hold. */
  readonly broken: string | undefined;
}

/** Sizes of stills: one sector of the spool, several, and what the camera usually makes. */
const PICTURES = [3_000, 11_000, 24_000].map(filledPicture);
const CLIP_FORMAT = { width: 640, height: 480, framesPerSecond: 10 } as const;
const CLIP_PICTURES = 3;

/** Plays a story once. */
export async function playScenario(
  scenario: Scenario,
  props: Props,
  options: PlayOptions,
): Promise<Played> {
  const { seed, engine, pace = "virtual", watchTrace } = options;
  const stream = (name: string) => randomStream(seed, name);
  const wanted = scenario.props?.(stream("props")) ?? {};
  const deviceIds = Array.from(
    { length: wanted.feeders ?? 1 },
    (_, index) => `feeder-${index + 1}`,
  );
  const plan = options.plan ?? planOf(scenario, seed, deviceIds.length);
  const stage = await Stage.build({
    seed,
    pace,
    engine,
    deviceIds,
    firmware: props.firmware,
    view: (deviceId) => viewOf(deviceId, wanted),
    startServer: props.startServer,
    ...(wanted.nvs === undefined ? {} : { nvs: wanted.nvs }),
    ...(watchTrace === undefined ? {} : { watchTrace }),
  });
  injectPlan(stage, plan, await otherImageOf(plan, props));
  return { stage, plan, broken: await brokenIn(stage, scenario, props, stream("story")) };
}

/** A whole image that nobody published, for who would hand it out. */
function otherImageOf(
  plan: FaultPlan,
  { image }: Props,
): Promise<Uint8Array<ArrayBuffer>> | undefined {
  return plan.some(({ kind }) => kind === "other_image") ? image("6.6.6") : undefined;
}

export function planOf({ faults }: Scenario, seed: number, feeders: number): FaultPlan {
  if (faults === undefined) return [];
  if (!("kinds" in faults)) return faults;
  const { kinds, healedAtHours, always = false } = faults;
  const times = { fromMs: 0, toMs: healedAtHours * HOUR_MS, feeders, always };
  return drawPlan((name) => randomStream(seed, name), kinds, times);
}

/** Whatever ends the run ends it as a failure of the story: a bug in the firmware, in the server, in the simulator. */
async function brokenIn(
  stage: Stage,
  scenario: Scenario,
  { image }: Props,
  random: () => number,
): Promise<string | undefined> {
  try {
    await scenario.play(stage, { random, image });
    stage.powerOn();
    await stage.world.run(scenario.hours * HOUR_MS);
    return (await auditStage(stage)) ?? (await scenario.ending?.(stage));
  } catch (error) {
    return String(error).split("\n", 1)[0];
  }
}

function viewOf(deviceId: string, { clips }: StageProps) {
  const still = numberedPictures(deviceId, PICTURES);
  if (clips !== true) return { still };
  const clip = () => mjpegAvi(Array.from({ length: CLIP_PICTURES }, still), CLIP_FORMAT);
  return { still, clip };
}

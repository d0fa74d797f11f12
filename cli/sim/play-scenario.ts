import { setImmediate } from "node:timers/promises";
import { inspect } from "node:util";
import type { Firmware } from "../../host-sim/board/board-options.ts";
import { HOUR_MS } from "../../host-sim/durations.ts";
import { FirmwareDeath } from "../../host-sim/engines/firmware-death.ts";
import type { Engine } from "../../host-sim/engines/guest-port.ts";
import { drawPlan } from "../../host-sim/faults/draw-plan.ts";
import type { FaultPlan } from "../../host-sim/faults/fault.ts";
import { injectPlan } from "../../host-sim/faults/inject-plan.ts";
import { mjpegAvi } from "../../host-sim/peers/mjpeg-avi.ts";
import { filledPicture, numberedPictures } from "../../host-sim/peers/numbered-pictures.ts";
import { randomStream } from "../../host-sim/random.ts";
import {
  auditStage,
  type Cast,
  parseStageProps,
  type Scenario,
  type StageProps,
} from "../../host-sim/scenario.ts";
import { Stage } from "../../host-sim/stage.ts";
import type { StagedServer } from "../../host-sim/staged-server.ts";
import type { World } from "../../host-sim/world.ts";

/** What every run of a command shares: it follows from nothing but the sources. */
export interface Props {
  readonly firmware: Firmware;
  readonly image: Cast["image"];
  readonly startServer: (
    world: World,
    wanted?: Pick<StageProps, "closedServer" | "broker">,
  ) => Promise<StagedServer>;
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
  /** It broke for want of something on this computer, whatever the firmware did. */
  readonly engineFailed: boolean;
}

type Ending = Pick<Played, "broken" | "engineFailed">;

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
  const asked = askProps(scenario, stream("props"));
  const wanted = asked.kind === "props" ? asked.props : {};
  const deviceIds = Array.from({ length: wanted.feeders ?? 1 }, (_, index) =>
    wanted.bare ? bareId(index) : `feeder-${index + 1}`,
  );
  const plan = options.plan ?? planOf(scenario, seed, deviceIds.length);
  const stage = await Stage.build({
    seed,
    pace,
    engine,
    deviceIds,
    firmware: props.firmware,
    view: (deviceId) => viewOf(deviceId, wanted),
    startServer: (world) => props.startServer(world, wanted),
    cameraSupply: wanted.cameraSupply ?? false,
    bare: wanted.bare ?? false,
    ...(wanted.nvs === undefined ? {} : { nvs: wanted.nvs }),
    ...(watchTrace === undefined ? {} : { watchTrace }),
  });
  if (asked.kind === "refused") return { stage, plan, broken: asked.why, engineFailed: false };
  injectPlan(stage, plan, await otherImageOf(plan, props));
  const cast = { random: stream("story"), image: props.image };
  return { stage, plan, ...(await endingOf(stage, scenario, cast)) };
}

function askProps(scenario: Scenario, random: Cast["random"]) {
  try {
    const parsed = parseStageProps(scenario.props?.(random) ?? {});
    return parsed.kind === "props" ? parsed : refused(`the story's props: ${parsed.why}`);
  } catch (error) {
    return refused(`the story's props: ${firstLine(error)}`);
  }
}

/** How many a seed of the story has. */
export function feedersOf(scenario: Scenario, seed: number): number {
  const asked = askProps(scenario, randomStream(seed, "props"));
  return (asked.kind === "props" ? asked.props.feeders : undefined) ?? 1;
}

function refused(why: string) {
  return { kind: "refused", why } as const;
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
async function endingOf(stage: Stage, scenario: Scenario, cast: Cast): Promise<Ending> {
  const strays: unknown[] = [];
  // A rejection that nobody awaits, in the server or in the story, would end the whole process.
  const takeStray = (error: unknown): void => {
    strays.push(error);
    stage.world.fail(error);
  };
  process.on("uncaughtException", takeStray);
  try {
    const broken = await untilIdle(playOut(stage, scenario, cast));
    // Node tells of a rejection once all that waits for promises has run.
    await setImmediate();
    const [stray] = strays.map(firstLine);
    return { broken: stray ?? broken, engineFailed: false };
  } catch (error) {
    const engineFailed = error instanceof FirmwareDeath && error.kind === "lost";
    return { broken: firstLine(error), engineFailed };
  } finally {
    process.off("uncaughtException", takeStray);
  }
}

async function playOut(stage: Stage, scenario: Scenario, cast: Cast): Promise<string | undefined> {
  await scenario.play(stage, cast);
  stage.powerOn();
  await stage.world.run(scenario.hours * HOUR_MS);
  const wrong = await auditStage(stage);
  if (wrong !== undefined) return wrong;
  const said: unknown = await scenario.ending?.(stage);
  if (said === undefined || typeof said === "string") return said;
  return `the story's ending says no text: ${inspect(said, { depth: 0 })}`;
}

/** Node leaves without a word when what is awaited can no longer come. */
async function untilIdle<Value>(awaited: Promise<Value>): Promise<Value> {
  const idle = Promise.withResolvers<never>();
  // In a turn of its own: Node says so once for all that follows in the same.
  const giveUp = async (): Promise<void> => {
    await setImmediate();
    idle.reject(new Error("the story waits for what never comes"));
  };
  process.once("beforeExit", giveUp);
  return Promise.race([awaited, idle.promise]).finally(() => process.off("beforeExit", giveUp));
}

function firstLine(error: unknown): string {
  return String(error).split("\n", 1)[0] ?? "";
}

/** A board that nobody named is called by its address. */
function bareId(index: number): string {
  return `24a160${(index + 1).toString(16).padStart(6, "0")}`;
}

function viewOf(deviceId: string, { clips }: StageProps) {
  const still = numberedPictures(deviceId, PICTURES);
  if (clips !== true) return { still };
  const clip = () => mjpegAvi(Array.from({ length: CLIP_PICTURES }, still), CLIP_FORMAT);
  return { still, clip };
}

import { randomStream } from "../../host-sim/random.ts";
import type { Heard } from "../../host-sim/staged-server.ts";
import { MINUTE_MS, stagesByCapture, startSystem } from "./system.ts";

/** What goes wrong in one run, drawn up front so that a failure can be told in one line. */
export interface SwarmPlan {
  readonly seed: number;
  readonly stayMs: number;
  readonly clips: boolean;
  readonly bitErrorRate: number;
  readonly dropFrameRate: number;
  readonly duplicateFrameRate: number;
  readonly insertByteRate: number;
  /** From the visit on. */
  readonly stalls: readonly { readonly atMs: number; readonly forMs: number }[];
  readonly cameraDiesAfterBytes: number | undefined;
  readonly cameraResetsAtMs: number | undefined;
  readonly feederResetsAtMs: number | undefined;
  /** Another bird, so soon that the camera is still at the first. */
  readonly secondBirdAtMs: number | undefined;
  readonly wifiAwayAtMs: number | undefined;
  readonly serverAwayAtMs: number | undefined;
}

const FIRST_VISIT_MS = 10_000;
/** Faults end here, and what follows must be as if nothing had been. */
const HEALED_MS = MINUTE_MS;
/** Longer than the camera may be left alone after it was unreachable in the worst hour. */
const SECOND_VISIT_MS = 6 * MINUTE_MS;
const END_MS = 10 * MINUTE_MS;

export function planSwarm(seed: number): SwarmPlan {
  const random = randomStream(seed, "swarm");
  const sometimes = <Value>(chance: number, value: () => Value): Value | undefined =>
    random() < chance ? value() : undefined;
  const within = (limit: number): number => Math.floor(random() * limit);
  return {
    seed,
    stayMs: 2_000 + within(25_000),
    clips: random() < 0.5,
    bitErrorRate: sometimes(0.4, () => 10 ** (-6 + 2.3 * random())) ?? 0,
    dropFrameRate: sometimes(0.4, () => 0.3 * random()) ?? 0,
    duplicateFrameRate: sometimes(0.3, () => 0.3 * random()) ?? 0,
    insertByteRate: sometimes(0.3, () => 0.002 * random()) ?? 0,
    stalls: Array.from({ length: within(4) }, () => ({
      atMs: within(30_000),
      forMs: within(3_000),
    })),
    cameraDiesAfterBytes: sometimes(0.3, () => within(100_000)),
    cameraResetsAtMs: sometimes(0.3, () => within(25_000)),
    feederResetsAtMs: sometimes(0.3, () => within(25_000)),
    secondBirdAtMs: sometimes(0.4, () => 10_500 + within(30_000)),
    wifiAwayAtMs: sometimes(0.2, () => within(30_000)),
    serverAwayAtMs: sometimes(0.2, () => within(30_000)),
  };
}

/** Runs one plan; answers what is wrong in the end, undefined when nothing is. */
export async function runSwarm(
  plan: SwarmPlan,
  options: Pick<NonNullable<Parameters<typeof startSystem>[0]>, "cameraFirmware"> = {},
): Promise<string | undefined> {
  const system = await startSystem({ seed: plan.seed, clips: plan.clips, ...options });
  const { world, feeder, camera } = system;
  world.after(FIRST_VISIT_MS, () => feeder.visit(plan.stayMs, 120));
  world.after(FIRST_VISIT_MS, () => spoil(system, plan));
  world.after(HEALED_MS, () => {
    Object.assign(feeder.uartFaults, QUIET);
    camera.faults.diesAfterBytes = undefined;
  });
  world.after(SECOND_VISIT_MS, () => feeder.visit(8_000, 120));
  await world.run(SECOND_VISIT_MS - 1);
  const takenBefore = system.taken.length;
  if (camera.awake) return "the camera was still awake five minutes after the faults ended";
  await world.run(END_MS);
  const wrong = await verdict(system, takenBefore, plan.clips);
  // Events wait in RAM: a reset loses those that were not acknowledged.
  return wrong ?? (plan.feederResetsAtMs === undefined ? audit(system.heard) : undefined);
}

const AWAY_MS = 15_000;
const QUIET = { bitErrorRate: 0, dropFrameRate: 0, duplicateFrameRate: 0, insertByteRate: 0 };

function spoil(system: Awaited<ReturnType<typeof startSystem>>, plan: SwarmPlan): void {
  const { world, feeder, camera } = system;
  const { bitErrorRate, dropFrameRate, duplicateFrameRate, insertByteRate } = plan;
  Object.assign(feeder.uartFaults, {
    bitErrorRate,
    dropFrameRate,
    duplicateFrameRate,
    insertByteRate,
  });
  camera.faults.diesAfterBytes = plan.cameraDiesAfterBytes;
  for (const { atMs, forMs } of plan.stalls) {
    world.after(atMs, () => {
      feeder.uartFaults.stallUntilMs = world.nowMs + forMs;
    });
  }
  if (plan.cameraResetsAtMs !== undefined) {
    world.after(plan.cameraResetsAtMs, () => camera.reset());
  }
  if (plan.secondBirdAtMs !== undefined) {
    world.after(plan.secondBirdAtMs, () => feeder.visit(3_000, 120));
  }
  if (plan.wifiAwayAtMs !== undefined) {
    world.after(plan.wifiAwayAtMs, () => feeder.radio.setInReach(false));
    world.after(plan.wifiAwayAtMs + AWAY_MS, () => feeder.radio.setInReach(true));
  }
  if (plan.serverAwayAtMs !== undefined) {
    world.after(plan.serverAwayAtMs, () => {
      system.internet.reachability = "refused";
      system.internet.breakSockets();
    });
    world.after(plan.serverAwayAtMs + AWAY_MS, () => {
      system.internet.reachability = "up";
    });
  }
  if (plan.feederResetsAtMs !== undefined) {
    world.after(plan.feederResetsAtMs, () => {
      feeder.powerOff();
      feeder.powerOn();
    });
  }
}

async function verdict(
  system: Awaited<ReturnType<typeof startSystem>>,
  takenBefore: number,
  clips: boolean,
): Promise<string | undefined> {
  const photos = await system.stored("photos");
  const corrupt = photos.filter((sha256) => !system.taken.includes(sha256));
  if (corrupt.length > 0) return `${corrupt.length} photos are not what the camera took`;
  if (new Set(photos).size < photos.length) return "a photo was stored twice";
  const fresh = system.taken.slice(takenBefore);
  if (fresh.length !== 1) return `the visit after the faults had ${fresh.length} stills`;
  if (!photos.includes(fresh[0] ?? "")) return "the still after the faults was not stored";
  const stored = await system.stored("clips");
  if (stored.some((sha256) => !system.recorded.includes(sha256))) return "a clip is corrupt";
  if (clips && stored.at(-1) !== system.recorded.at(-1)) return "the last clip was not stored";
  return system.camera.awake ? "the camera is still awake" : undefined;
}

/** Every visit ends in exactly one outcome, and what was taken ends somewhere too. */
function audit(heard: readonly Heard[]): string | undefined {
  const ofType = (type: string) =>
    heard
      .filter(({ message }) => message.type === type)
      .map(({ message }) => message.payload as { captureId: string; ok?: boolean });
  const captures = ofType("event.capture");
  for (const { captureId } of ofType("event.visit")) {
    const ends = captures.filter((capture) => capture.captureId === captureId);
    if (ends.length !== 1) return `${captureId} has ${ends.length} outcomes`;
  }
  const stages = stagesByCapture(heard);
  for (const { captureId, ok } of captures) {
    if (captures.filter((other) => other.captureId === captureId).length > 1) {
      return `${captureId} is told twice`;
    }
    // In any order: with its relay down the feeder says late that it succeeded.
    const had = stages.get(captureId) ?? [];
    if (ok && !had.includes("gallery_ack") && !had.includes("dropped")) {
      return `${captureId} ends in ${had.at(-1)}`;
    }
  }
  return undefined;
}

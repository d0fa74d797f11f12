import { FeederBoard } from "../../../host-sim/board/board.ts";
import type { Firmware } from "../../../host-sim/board/board-options.ts";
import { claimCodeIn } from "../../../host-sim/claim-code.ts";
import { SECOND_MS } from "../../../host-sim/durations.ts";
import { nodeEngine } from "../../../host-sim/engines/node.ts";
import { bundleFirmware } from "../../../host-sim/firmware.ts";
import { Internet } from "../../../host-sim/network/internet.ts";
import { overSockets } from "../../../host-sim/network/over-sockets.ts";
import { CameraBoard } from "../../../host-sim/peers/camera.ts";
import { cameraProgram } from "../../../host-sim/peers/camera-firmware.ts";
import { numberedPictures } from "../../../host-sim/peers/numbered-pictures.ts";
import { drawScene, renderJpeg } from "../../../host-sim/peers/scene.ts";
import { World } from "../../../host-sim/world.ts";
import { EXIT } from "../../failure.ts";
import { done, failed, type Outcome } from "../../outcome.ts";
import { DrivenFeeder, type FeederTally } from "./fleet-tally.ts";

export interface DriveOptions {
  readonly server: string;
  readonly devices: number;
  readonly visitEveryMs: number;
  readonly forMs: number;
  /** Kept when the drive is to end now. */
  readonly stop: Promise<void>;
  readonly tell: (line: string) => void;
}

export interface DriveReport {
  readonly server: string;
  readonly seconds: number;
  readonly feeders: readonly FeederTally[];
  readonly neverOnline: number;
  readonly uploads: number;
  readonly uploadsFailed: number;
}

const ANSWER_MS = 5 * SECOND_MS;
const STAY_MS = 6 * SECOND_MS;
const GREAT_TIT_GRAMS = 120;
/** Association and address take 2 s: the first bird finds a feeder that is online. */
const FIRST_VISIT_MS = 3 * SECOND_MS;
/** A few feeders need not wait for their share of the time between two visits. */
const STAGGER_MAX_MS = SECOND_MS;
/** What a feeder without settings asks for. */
const JPEG_QUALITY = 5;
/** Drawing one takes 0.2 s: the cameras share these, each still with a number of its own in it. */
const SCENES = 3;

/** Simulated feeders, real time, real sockets: what a server's developer has instead of boards. */
export async function driveServer(options: DriveOptions): Promise<Outcome<DriveReport>> {
  const { server, devices, forMs, stop, tell } = options;
  const unreachable = await askHealth(server);
  if (unreachable !== undefined) {
    const hint = "npm start, or name another with --server";
    return failed("server_unreachable", unreachable, hint, EXIT.notFound);
  }
  const firmware = await bundleFirmware();
  const startedAtMs = Date.now();
  // Of another seed each time: a server that has seen one fleet would know the captures of the same one again.
  const world = new World({ seed: startedAtMs, pace: "real", startedAtMs });
  const pictures = drawScenes(world);
  const feeders = Array.from({ length: devices }, (_, index) =>
    hang(world, options, { index, firmware, pictures }),
  );
  void stop.then(() => world.stop());
  tell(`${devices} feeders at ${server}, a bird every ${options.visitEveryMs / SECOND_MS} s each`);
  await world.run(forMs);
  for (const { board, driven } of feeders) {
    board.powerOff();
    driven.hangUp();
  }
  return done(reportOf(server, world, feeders));
}

/** Undefined: a server answers there. */
async function askHealth(server: string): Promise<string | undefined> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  return fetch(`${server}/healthz`, { signal }).then(
    ({ ok, status }) => (ok ? undefined : `${server} answers ${status} and is no SkyFeeder`),
    () => `nothing answers at ${server}`,
  );
}

function drawScenes(world: World): Uint8Array[] {
  const random = world.random("scenes");
  const capturedAtMs = world.startedAtMs;
  return Array.from({ length: SCENES }, (_, visitNumber) => {
    const scene = { capturedAtMs, utcOffsetMs: 0, visitNumber, deviceId: "fleet", random };
    return renderJpeg(drawScene(scene), random, JPEG_QUALITY);
  });
}

interface Garden {
  readonly index: number;
  readonly firmware: Firmware;
  readonly pictures: readonly Uint8Array[];
}

function hang(world: World, options: DriveOptions, { index, firmware, pictures }: Garden) {
  const { server, devices, visitEveryMs, tell } = options;
  const deviceId = `feeder-${index + 1}`;
  const driven = new DrivenFeeder(deviceId, tell);
  // A way of its own to the server: what goes over it is this feeder's.
  const internet = new Internet(world, driven.between(overSockets(server, server)));
  const still = numberedPictures(`${deviceId} ${world.startedAtMs}`, pictures);
  const eyes = { internet, view: { still }, firmware: cameraProgram };
  const board = new FeederBoard(world, internet, new CameraBoard(world, deviceId, eyes), {
    deviceId,
    serverUrl: server,
    firmware,
    engine: nodeEngine,
    log: (line) => driven.show(claimCodeIn(line)),
    // The server's own mistakes may make it restart, and that is worth seeing.
    bugsAreFatal: false,
  });
  const staggerMs = Math.min(visitEveryMs / devices, STAGGER_MAX_MS) * index;
  world.after(staggerMs, () => board.powerOn());
  visitAgain(world, board, FIRST_VISIT_MS + staggerMs, visitEveryMs);
  return { board, driven };
}

function visitAgain(world: World, board: FeederBoard, delayMs: number, everyMs: number): void {
  world.after(delayMs, () => {
    board.visit(STAY_MS, GREAT_TIT_GRAMS);
    visitAgain(world, board, everyMs, everyMs);
  });
}

function reportOf(
  server: string,
  world: World,
  driven: readonly { readonly driven: DrivenFeeder }[],
): DriveReport {
  const feeders = driven.map((feeder) => feeder.driven.tally());
  return {
    server,
    seconds: Math.round(world.nowMs / SECOND_MS),
    feeders,
    neverOnline: feeders.filter(({ joins }) => joins === 0).length,
    uploads: feeders.reduce((total, { uploads }) => total + uploads, 0),
    uploadsFailed: feeders.reduce((total, { uploadsFailed }) => total + uploadsFailed, 0),
  };
}

export function drivenText(report: DriveReport): string {
  const { server, seconds, feeders, neverOnline, uploads, uploadsFailed } = report;
  const online = `${feeders.length - neverOnline} of ${feeders.length} feeders were online`;
  return [
    ...feeders.map(
      ({ deviceId, joins, ...sent }) =>
        `${deviceId}: joined ${joins} times, ${sent.uploads} uploads, ${sent.uploadsFailed} failed`,
    ),
    `${server}: ${online}, ${uploads} uploads, ${uploadsFailed} failed in ${seconds} s`,
  ].join("\n");
}

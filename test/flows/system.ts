import {
  type Heard,
  listenIn,
  SERVER_URL,
  startVirtualServer,
} from "../../cli/sim/virtual-server.ts";
import { FeederBoard } from "../../host-sim/board/board.ts";
import { Energy } from "../../host-sim/board/energy.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { bundleFirmware } from "../../host-sim/firmware.ts";
import type { WifiCredentials } from "../../host-sim/network/home-wifi.ts";
import { inProcess } from "../../host-sim/network/in-process.ts";
import { Internet } from "../../host-sim/network/internet.ts";
import { CameraBoard } from "../../host-sim/peers/camera.ts";
import { cameraProgram } from "../../host-sim/peers/camera-firmware.ts";
import type { CameraFirmware } from "../../host-sim/peers/camera-host.ts";
import { mjpegAvi } from "../../host-sim/peers/mjpeg-avi.ts";
import { World } from "../../host-sim/world.ts";
import type { DayIndex } from "../../protocol/day-index.ts";
import { numberedPictures } from "./pictures.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
const STARTED_AT_MS = Date.UTC(2026, 5, 1);
const CLIP_FORMAT = { width: 640, height: 480, framesPerSecond: 10 } as const;
const TOOK = /camera\/dev1 (still|clip) \d+ ([0-9a-f]{64})$/;
/** Stills are below 40 kB, clips of three pictures above. */
const CLIP_BYTES_MIN = 60_000;

/** One simulated feeder and the real server in one virtual world. */
export async function startSystem(
  options: {
    seed?: number;
    ticksAtStart?: number;
    clips?: boolean;
    clipPictures?: number;
    cameraSupply?: boolean;
    homeWifi?: WifiCredentials;
    cameraFirmware?: CameraFirmware;
    watchTrace?: (line: string) => void;
  } = {},
) {
  let clipsThroughFeeder = 0;
  const taken: string[] = [];
  const recorded: string[] = [];
  const pulses: { atMs: number; level: number }[] = [];
  const world = new World({
    seed: options.seed ?? 1,
    pace: "virtual",
    startedAtMs: STARTED_AT_MS,
    watchTrace: (line) => {
      options.watchTrace?.(line);
      const [, media, sha256 = ""] = TOOK.exec(line) ?? [];
      if (media === "still") taken.push(sha256);
      if (media === "clip") recorded.push(sha256);
      const [, putBytes] = /http PUT \S+ (\d+)$/.exec(line) ?? [];
      if (Number(putBytes) > CLIP_BYTES_MIN) clipsThroughFeeder++;
      const [, atMs, level] = /^(\S+) dev1 gpio16 ([01])$/.exec(line) ?? [];
      if (level !== undefined) pulses.push({ atMs: Number(atMs), level: Number(level) });
    },
  });
  const server = startVirtualServer(world, undefined);
  const internet = new Internet(world, inProcess(server));
  if (options.homeWifi !== undefined) internet.homeWifi = options.homeWifi;
  const pictures = numberedPictures();
  const energy = new Energy(0);
  const still = pictures;
  const clip = () =>
    mjpegAvi(Array.from({ length: options.clipPictures ?? 3 }, pictures), CLIP_FORMAT);
  const camera = new CameraBoard(world, "dev1", {
    internet,
    view: options.clips ? { still, clip } : { still },
    firmware: options.cameraFirmware ?? cameraProgram,
    phase: (phase, nowMs) => energy.enter(phase, nowMs),
  });
  const log: string[] = [];
  const feeder = new FeederBoard(world, internet, camera, {
    deviceId: "dev1",
    serverUrl: SERVER_URL,
    firmware: await bundleFirmware(),
    engine: nodeEngine,
    cameraSupply: options.cameraSupply ?? false,
    log: (line) => log.push(line),
  });
  const heard = await listenIn(world, server);
  feeder.ticksAtStart = options.ticksAtStart ?? 0;
  feeder.powerOn();
  return {
    world,
    server,
    internet,
    camera,
    feeder,
    log,
    /** Edges of GPIO16. */
    pulses,
    /** SHA-256 of each still, as the camera took them. */
    taken,
    /** SHA-256 of each clip. */
    recorded,
    /** What the camera spent since the world began. */
    cameraEnergy: () => energy.report(world.nowMs),
    heard,
    /** Whether the bytes of a clip went through the feeder's own PUT. */
    clipsThroughFeeder: () => clipsThroughFeeder,
    ask: server.ask,
    /** SHA-256 of what the day index has of a kind, oldest first. */
    stored: async (kind: "photos" | "clips") => {
      const index = await server.ask("/v1/index/dev1/2026-06-01");
      const { events } = (await index.json()) as DayIndex;
      return events.filter((entry) => entry.kind === kind).map(({ sha256 }) => sha256);
    },
    dayIndex: async () =>
      (await (await server.ask("/v1/index/dev1/2026-06-01")).json()) as DayIndex,
  };
}

/** The stages of each capture in the order the room heard them. */
export function stagesByCapture(heard: readonly Heard[]): Map<string, string[]> {
  const stages = new Map<string, string[]>();
  for (const { message } of heard) {
    if (message.type !== "event.upload_status") continue;
    const { captureId, status } = message.payload as { captureId: string; status: string };
    stages.set(captureId, [...(stages.get(captureId) ?? []), status]);
  }
  return stages;
}

import { startVirtualServer } from "../../cli/sim/server/virtual-server.ts";
import { FeederBoard } from "../../host-sim/board/board.ts";
import { CAMERA_CURRENTS } from "../../host-sim/board/currents.ts";
import { EnergyMeter } from "../../host-sim/board/energy-meter.ts";
import type { Engine } from "../../host-sim/engines/guest-port.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { bundleFirmware } from "../../host-sim/firmware.ts";
import type { WifiCredentials } from "../../host-sim/network/home-wifi.ts";
import { HttpFaults } from "../../host-sim/network/http-faults.ts";
import { inProcess } from "../../host-sim/network/in-process.ts";
import { Internet } from "../../host-sim/network/internet.ts";
import { CameraBoard } from "../../host-sim/peers/camera.ts";
import { cameraProgram } from "../../host-sim/peers/camera-firmware.ts";
import type { CameraFirmware } from "../../host-sim/peers/camera-host.ts";
import { mjpegAvi } from "../../host-sim/peers/mjpeg-avi.ts";
import { SERVER_URL, STARTED_AT_MS } from "../../host-sim/stage.ts";
import type { Heard } from "../../host-sim/staged-server.ts";
import { World } from "../../host-sim/world.ts";
import type { DayIndex } from "../../protocol/day-index.ts";
import { drawnPictures } from "./pictures.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
const CLIP_FORMAT = { width: 640, height: 480, framesPerSecond: 10 } as const;
const TOOK = /camera\/dev1 (still|clip) \d+ ([0-9a-f]{64})$/;
/** Stills are below 40 kB, clips of three pictures above. */
const CLIP_BYTES_MIN = 60_000;

/** Once for all feeders of a test file. */
const bundled = bundleFirmware();

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
    engine?: Engine;
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
      const [, putBytes] = /http\/dev1 PUT \S+ (\d+)$/.exec(line) ?? [];
      if (Number(putBytes) > CLIP_BYTES_MIN) clipsThroughFeeder++;
      const [, atMs, level] = /^(\S+) dev1 gpio16 ([01])$/.exec(line) ?? [];
      if (level !== undefined) pulses.push({ atMs: Number(atMs), level: Number(level) });
    },
  });
  const server = await startVirtualServer(world, undefined);
  const httpFaults = new HttpFaults(world);
  const internet = new Internet(world, httpFaults.between(inProcess(server)));
  if (options.homeWifi !== undefined) internet.homeWifi = options.homeWifi;
  const pictures = drawnPictures();
  const cameraMeter = new EnergyMeter(CAMERA_CURRENTS, "asleep", world);
  const still = pictures;
  const clip = () =>
    mjpegAvi(
      Array.from({ length: options.clipPictures ?? 3 }, () => pictures()),
      CLIP_FORMAT,
    );
  const camera = new CameraBoard(world, "dev1", {
    internet,
    view: options.clips ? { still, clip } : { still },
    firmware: options.cameraFirmware ?? cameraProgram,
    phase: (phase) => cameraMeter.enter(phase),
  });
  const log: string[] = [];
  const feeder = new FeederBoard(world, internet, camera, {
    deviceId: "dev1",
    serverUrl: SERVER_URL,
    firmware: await bundled,
    engine: options.engine ?? nodeEngine,
    cameraSupply: options.cameraSupply ?? false,
    log: (line) => log.push(line),
  });
  feeder.ticksAtStart = options.ticksAtStart ?? 0;
  feeder.powerOn();
  return {
    world,
    server,
    httpFaults,
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
    cameraEnergy: () => cameraMeter.report(),
    heard: server.heard,
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

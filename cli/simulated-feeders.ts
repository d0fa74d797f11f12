import { FeederBoard } from "../host-sim/board/board.ts";
import { claimCodeIn } from "../host-sim/claim-code.ts";
import { nodeEngine } from "../host-sim/engines/node.ts";
import { bundleFirmware } from "../host-sim/firmware.ts";
import { Internet } from "../host-sim/network/internet.ts";
import { overSockets } from "../host-sim/network/over-sockets.ts";
import { CameraBoard } from "../host-sim/peers/camera.ts";
import { cameraProgram } from "../host-sim/peers/camera-firmware.ts";
import { mjpegAvi } from "../host-sim/peers/mjpeg-avi.ts";
import { drawScene, renderJpeg } from "../host-sim/peers/scene.ts";
import { World } from "../host-sim/world.ts";
import type { RunningServer } from "../server-min/node.ts";

/** How long a bird stays, and what a great tit and the perch it pulls on weigh to the scale. */
const STAY_MS = 6_000;
const BIRD_GRAMS = 120;
/** Feeders of one garden are not visited in the same moment. */
const STAGGER_MS = 1_500;
/** Neighbouring gardens do not have the same guests in the same order. */
const FIRST_BIRD_STEP = 3;
/** Drawing a picture takes 0.2 s of this process: a clip shows the same few again and again. */
const CLIP_PICTURES = 2;
const CLIP_FORMAT = { width: 640, height: 480, framesPerSecond: 10 } as const;
const MS_PER_MINUTE = 60_000;

export interface FeederOptions {
  readonly deviceIds: readonly string[];
  readonly visitEveryMs: number | undefined;
  /** The next picture of --photos; undefined draws a scene. */
  readonly nextPhoto: (() => Uint8Array) | undefined;
  /** Who vouches for the server, as firmware is told; empty where it serves no https. */
  readonly caCertificates: string;
  log(line: string): void;
}

/** Real time, real sockets, simulated boards. They are known at once and run from `powerOn`. */
export class SimulatedFeeders {
  readonly #world: World;
  readonly #options: FeederOptions;
  readonly #boards = new Map<string, FeederBoard>();

  constructor(options: FeederOptions) {
    this.#options = options;
    const startedAtMs = Date.now();
    this.#world = new World({ seed: startedAtMs, pace: "real", startedAtMs });
  }

  deviceIds(): readonly string[] {
    return this.#options.deviceIds;
  }

  visit(deviceId: string): void {
    this.#world.inject(() => this.#boards.get(deviceId)?.visit(STAY_MS, BIRD_GRAMS));
  }

  /** Resolves when `stop` was called; rejects on a bug in what is simulated. */
  async run(server: RunningServer): Promise<void> {
    const { publicUrl, url, firmwareKey = "" } = server;
    if (this.#options.deviceIds.length === 0) return this.#world.run(Number.POSITIVE_INFINITY);
    // Development builds: they take what this server publishes, and what it is told without a signature.
    const firmware = await bundleFirmware({
      config: { developmentKey: firmwareKey, caCertificates: this.#options.caCertificates },
    });
    const internet = new Internet(this.#world, overSockets(publicUrl, url));
    this.#options.deviceIds.forEach((deviceId, index) => {
      const camera = this.#camera(deviceId, internet, index * FIRST_BIRD_STEP);
      const log = (line: string) => {
        this.#options.log(`${deviceId}: ${line.trimEnd()}`);
        this.#letIn(server, claimCodeIn(line));
      };
      const board = new FeederBoard(this.#world, internet, camera, {
        deviceId,
        serverUrl: publicUrl,
        firmware,
        engine: nodeEngine,
        // Somebody may publish firmware that fails, and watch it being taken back.
        bugsAreFatal: false,
        log,
      });
      this.#boards.set(deviceId, board);
      board.powerOn();
      this.#visitAgain(board, index * STAGGER_MS);
    });
    await this.#world.run(Number.POSITIVE_INFINITY);
  }

  stop(): void {
    this.#world.stop();
  }

  /** Where a server trusts nobody, its own feeders are let in without a person who reads what they show. */
  #letIn(server: RunningServer, claimCode: string | undefined): void {
    if (claimCode === undefined) return;
    this.#world.settle(server.approveOwnFeeder(claimCode), 0, () => {});
  }

  #camera(deviceId: string, internet: Internet, firstBird: number): CameraBoard {
    const random = this.#world.random(`scene/${deviceId}`);
    const { nextPhoto } = this.#options;
    let visitNumber = firstBird;
    const draw = (capturedAtMs: number, quality: number): Uint8Array => {
      if (nextPhoto !== undefined) return nextPhoto();
      const utcOffsetMs = -new Date(capturedAtMs).getTimezoneOffset() * MS_PER_MINUTE;
      const scene = { capturedAtMs, utcOffsetMs, visitNumber, deviceId, random };
      return renderJpeg(drawScene(scene), random, quality);
    };
    return new CameraBoard(this.#world, deviceId, {
      internet,
      firmware: cameraProgram,
      view: {
        still: (capturedAtMs, quality) => {
          visitNumber++;
          return draw(capturedAtMs, quality);
        },
        clip: (capturedAtMs, seconds, quality) => {
          const drawn = Array.from({ length: CLIP_PICTURES }, () => draw(capturedAtMs, quality));
          const frames = Array.from(
            { length: seconds * CLIP_FORMAT.framesPerSecond },
            (_, frame) => drawn[frame % CLIP_PICTURES] as Uint8Array,
          );
          return mjpegAvi(frames, CLIP_FORMAT);
        },
      },
    });
  }

  #visitAgain(board: FeederBoard, delayMs: number): void {
    this.#world.after(delayMs, () => {
      board.visit(STAY_MS, BIRD_GRAMS);
      const { visitEveryMs } = this.#options;
      if (visitEveryMs !== undefined) this.#visitAgain(board, visitEveryMs);
    });
  }
}

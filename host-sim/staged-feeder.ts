import { FeederBoard } from "./board/board.ts";
import type { BoardOptions } from "./board/board-options.ts";
import { CAMERA_CURRENTS } from "./board/currents.ts";
import { EnergyMeter } from "./board/energy-meter.ts";
import { claimCodeIn } from "./claim-code.ts";
import type { Internet } from "./network/internet.ts";
import { CameraBoard, type CameraPhase, type CameraView } from "./peers/camera.ts";
import { cameraProgram } from "./peers/camera-firmware.ts";
import type { World } from "./world.ts";

const GREAT_TIT_GRAMS = 120;

/** One feeder of a stage: its board, its camera, and what the camera took. */
export class StagedFeeder {
  readonly deviceId: string;
  readonly board: FeederBoard;
  readonly camera: CameraBoard;
  /** SHA-256 of each still, in order. */
  readonly stills: string[] = [];
  readonly clips: string[] = [];
  readonly log: string[] = [];
  /** World times of the visits so far. */
  readonly visits: number[] = [];
  readonly cameraMeter: EnergyMeter<CameraPhase>;
  readonly #world: World;

  constructor(
    world: World,
    internet: Internet,
    options: Omit<BoardOptions, "log"> & { readonly view: CameraView },
  ) {
    const { deviceId, view } = options;
    this.#world = world;
    this.deviceId = deviceId;
    const meter = new EnergyMeter(CAMERA_CURRENTS, "asleep", world);
    this.cameraMeter = meter;
    this.camera = new CameraBoard(world, deviceId, {
      internet,
      view,
      firmware: cameraProgram,
      phase: (phase) => meter.enter(phase),
    });
    this.board = new FeederBoard(world, internet, this.camera, {
      ...options,
      log: (line) => this.log.push(`${world.nowMs} ${line.trimEnd()}`),
    });
  }

  /** The newest that it showed. */
  get claimCode(): string | undefined {
    return this.log.map(claimCodeIn).findLast((code) => code !== undefined);
  }

  /** World time of the last one; before the world where there is none. */
  lastStillAtMs = Number.NEGATIVE_INFINITY;

  takeStill(sha256: string): void {
    this.stills.push(sha256);
    this.lastStillAtMs = this.#world.nowMs;
  }

  /** A bird comes and stays. */
  visit(stayMs: number): void {
    this.visits.push(this.#world.nowMs);
    this.board.visit(stayMs, GREAT_TIT_GRAMS);
  }

  /** What both boards spent. */
  energy() {
    const feeder = this.board.meter.report();
    const camera = this.cameraMeter.report();
    return { feeder, camera, mAh: feeder.mAh + camera.mAh };
  }
}

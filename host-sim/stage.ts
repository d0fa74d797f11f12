import { createHash } from "node:crypto";
import type { DeviceSettings } from "../protocol/device-config.ts";
import { decodeAppImage } from "./board/app-image.ts";
import type { BoardOptions, Firmware } from "./board/board-options.ts";
import { HttpFaults } from "./network/http-faults.ts";
import { inProcess } from "./network/in-process.ts";
import { Internet, type SentRequest, type ServerPort } from "./network/internet.ts";
import { OtherImage } from "./network/other-image.ts";
import type { CameraView } from "./peers/camera.ts";
import { StagedFeeder } from "./staged-feeder.ts";
import type { StagedServer } from "./staged-server.ts";
import { World, type WorldOptions } from "./world.ts";

/** Behind the build time of the firmware, so that nothing signed in this world has expired. */
export const STARTED_AT_MS = Date.UTC(2026, 5, 1);
export const SERVER_URL = "http://server.test";
const ASK_AGAIN_MS = 60_000;
const TOOK = /^\S+ camera\/(\S+) (still|clip) \d+ ([0-9a-f]{64})$/;
const BOOTED = /^\S+ (\S+) boot (\S+)$/;
const FLOOR_KEY = "skyfeeder/updSequence";

export interface StageOptions
  extends Pick<WorldOptions, "seed" | "pace" | "watchTrace">,
    Pick<BoardOptions, "engine" | "nvs" | "cameraSupply" | "bare"> {
  readonly firmware: Firmware;
  readonly deviceIds: readonly string[];
  readonly view: (deviceId: string) => CameraView;
  readonly startServer: (world: World) => Promise<StagedServer>;
}

export interface Boot {
  readonly deviceId: string;
  readonly version: string;
  /** The highest update sequence the feeder has accepted, as its flash has it. */
  readonly sequenceFloor: number;
}

/** A photo or clip whose bytes the server has answered for. */
export interface Acknowledged {
  readonly deviceId: string;
  readonly sha256: string;
  readonly atMs: number;
}

/** Everything of one run in one virtual world: the server, the feeders with their cameras, and what they were seen to do. */
export class Stage {
  readonly world: World;
  readonly server: StagedServer;
  readonly internet: Internet;
  readonly feeders: readonly StagedFeeder[];
  readonly otherImage = new OtherImage();
  readonly httpFaults: HttpFaults;
  readonly boots: Boot[] = [];
  /** Versions that a feeder may run: what it came with, and what an operator published. */
  readonly versions: Set<string>;
  /** That the server has answered for, in order. */
  readonly releases: string[] = [];
  readonly acknowledged: Acknowledged[] = [];
  /** Feeders whose settings were changed, as the server has answered for. */
  readonly configured = new Set<string>();
  /** What the story says of itself. */
  readonly told: string[] = [];

  static async build(options: StageOptions): Promise<Stage> {
    const { seed, pace, watchTrace } = options;
    const world = new World({
      seed,
      pace,
      startedAtMs: STARTED_AT_MS,
      watchTrace: (line) => {
        stage.#see(line);
        watchTrace?.(line);
      },
    });
    const server = await options.startServer(world);
    const stage: Stage = new Stage(world, server, options);
    return stage;
  }

  private constructor(world: World, server: StagedServer, options: StageOptions) {
    this.world = world;
    this.server = server;
    this.httpFaults = new HttpFaults(world);
    const port = this.#listening(inProcess(server));
    this.internet = new Internet(world, this.httpFaults.between(this.otherImage.between(port)));
    const { firmware, engine, view } = options;
    this.versions = new Set([firmware.version]);
    const nvs = options.nvs === undefined ? {} : { nvs: options.nvs };
    const { cameraSupply = false, bare = false } = options;
    this.feeders = options.deviceIds.map((deviceId) => {
      const board = {
        deviceId,
        serverUrl: SERVER_URL,
        firmware,
        engine,
        cameraSupply,
        bare,
        view: view(deviceId),
      };
      return new StagedFeeder(world, this.internet, { ...board, ...nvs });
    });
  }

  /** Plans what the story does so long after the beginning. */
  at(atMs: number, happens: () => void | Promise<void>): void {
    this.world.after(atMs - this.world.nowMs, () => {
      const done = happens();
      if (done !== undefined) this.world.settle(done, 0, () => {});
    });
  }

  powerOn(): void {
    for (const { board } of this.feeders) board.powerOn();
  }

  tell(line: string): void {
    this.told.push(line);
  }

  /** Publishes an image for every feeder, as an operator does. */
  publish(image: Uint8Array<ArrayBuffer>): Promise<void> {
    const app = decodeAppImage(image);
    const version = typeof app === "object" ? app.version : "";
    this.versions.add(version);
    const type = "application/octet-stream";
    const headers = { "Content-Type": type, "Content-Length": String(image.length) };
    const init = { method: "POST", headers, body: image };
    return this.#insist("/v1/releases?channel=stable&board=feeder", init, (status) => {
      // The server did it the first time, and nobody heard.
      const isDone = status < 300 || status === 409;
      if (isDone) this.releases.push(version);
      return isDone;
    });
  }

  /** Until it reaches the feeder. */
  command(deviceId: string, command: object): Promise<void> {
    const headers = { "Content-Type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify({ deviceId, ...command }) };
    return this.#insist("/v1/ota/command", init, (status) => status < 300);
  }

  /** Changes some of a feeder's settings. */
  configure(deviceId: string, settings: DeviceSettings): Promise<void> {
    const headers = { "Content-Type": "application/json" };
    const init = { method: "PATCH", headers, body: JSON.stringify(settings) };
    return this.#insist(`/v1/devices/${deviceId}/config`, init, (status) => {
      if (status < 300) this.configured.add(deviceId);
      return status < 300;
    });
  }

  /** Reads the newest claim code off the feeder's serial log, and lets the feeder in by it. */
  async approve(deviceId: string): Promise<void> {
    const { claimCode } = this.feeders.find((feeder) => feeder.deviceId === deviceId) ?? {};
    const path = `/v1/enrolments/${claimCode}/approve`;
    const isShown = claimCode !== undefined;
    const asked = isShown ? this.server.ask(path, { method: "POST" }) : undefined;
    const answer = await asked?.catch(() => undefined);
    if (answer?.ok) return;
    this.at(this.world.nowMs + ASK_AGAIN_MS, () => this.approve(deviceId));
  }

  /** Its token is worth nothing any more. */
  revoke(deviceId: string): Promise<void> {
    const isDone = (status: number) => status < 300 || status === 404;
    return this.#insist(`/v1/devices/${deviceId}/token`, { method: "DELETE" }, isDone);
  }

  /** An operator whom the server does not answer asks again. */
  async #insist(
    path: string,
    init: RequestInit,
    isDone: (status: number) => boolean,
  ): Promise<void> {
    const answer = await this.server.ask(path, init).catch(() => undefined);
    if (answer !== undefined && isDone(answer.status)) return;
    this.at(this.world.nowMs + ASK_AGAIN_MS, () => this.#insist(path, init, isDone));
  }

  #see(line: string): void {
    if (line.includes(" camera/")) return this.#seeShot(line);
    const [, deviceId = "", version] = line.includes(" boot ") ? (BOOTED.exec(line) ?? []) : [];
    if (version === undefined) return;
    const booted = this.feeders.find((feeder) => feeder.deviceId === deviceId);
    const sequenceFloor = Number.parseInt(booted?.board.nvs.get(FLOOR_KEY) ?? "0", 10);
    this.boots.push({ deviceId, version, sequenceFloor });
  }

  #seeShot(line: string): void {
    const [, camera, media, sha256 = ""] = TOOK.exec(line) ?? [];
    const filmed = this.feeders.find(({ deviceId }) => deviceId === camera);
    if (media === "still") filmed?.takeStill(sha256);
    if (media === "clip") filmed?.clips.push(sha256);
  }

  /** Hears what the server answers for, whoever hears the answer. */
  #listening(server: ServerPort): ServerPort {
    return {
      request: async (request) => {
        const answer = await server.request(request);
        if (request.method === "PUT" && answer.ok) this.#note(request);
        return answer;
      },
      connect: (url, peer) => server.connect(url, peer),
    };
  }

  #note({ url, body }: SentRequest): void {
    if (body === null) return;
    const sha256 = createHash("sha256").update(body).digest("hex");
    const taken = ({ stills, clips }: StagedFeeder) =>
      stills.includes(sha256) || clips.includes(sha256);
    const deviceId = this.feeders.find(taken)?.deviceId ?? `nobody (${url})`;
    this.acknowledged.push({ deviceId, sha256, atMs: this.world.nowMs });
  }
}

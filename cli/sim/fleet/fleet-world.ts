import { createHash } from "node:crypto";
import { FeederBoard } from "../../../host-sim/board/board.ts";
import type { Firmware } from "../../../host-sim/board/board-options.ts";
import { MINUTE_MS } from "../../../host-sim/durations.ts";
import { nodeEngine } from "../../../host-sim/engines/node.ts";
import { galleryOf, storedSha256 } from "../../../host-sim/gallery.ts";
import { inProcess } from "../../../host-sim/network/in-process.ts";
import { Internet } from "../../../host-sim/network/internet.ts";
import { CameraBoard } from "../../../host-sim/peers/camera.ts";
import { cameraProgram } from "../../../host-sim/peers/camera-firmware.ts";
import { filledPicture, numberedPictures } from "../../../host-sim/peers/numbered-pictures.ts";
import { SERVER_URL, STARTED_AT_MS } from "../../../host-sim/stage.ts";
import { World } from "../../../host-sim/world.ts";
import { drawVisits } from "../pilot/birds.ts";
import { startVirtualServer, type VirtualServer } from "../server/virtual-server.ts";
import { SIGNING_KEYS } from "../update-world.ts";

export interface FleetSize {
  readonly devices: number;
  readonly days: number;
  readonly visitsADay: number;
  readonly seed: number;
}

interface FleetFeeder {
  readonly deviceId: string;
  /** SHA-256 of each still of its camera. */
  readonly stills: Set<string>;
}

export interface FleetCounts {
  readonly visits: number;
  readonly heartbeats: number;
  readonly stills: number;
  readonly inGallery: number;
  /** Stills that are in no gallery, or not byte for byte. */
  readonly lost: number;
}

/** A still costs the same events as a large one for all but its way over the wire; the gallery of a week must fit. */
const PICTURE = filledPicture(600);
const GREAT_TIT_GRAMS = 120;

/**
 * Many feeders and one server in one virtual world. It keeps counts where a stage keeps everything: what a thousand
 * feeders say in a week is ten million messages.
 */
export class FleetWorld {
  readonly world: World;
  readonly #server: VirtualServer;
  readonly #feeders: readonly FleetFeeder[];
  #visits = 0;
  #heartbeats = 0;

  static async build(size: FleetSize, firmware: Firmware): Promise<FleetWorld> {
    const world = new World({ seed: size.seed, pace: "virtual", startedAtMs: STARTED_AT_MS });
    return new FleetWorld(world, await startVirtualServer(world, SIGNING_KEYS[0]), size, firmware);
  }

  private constructor(world: World, server: VirtualServer, size: FleetSize, firmware: Firmware) {
    this.world = world;
    this.#server = server;
    const internet = new Internet(world, inProcess(server));
    this.#feeders = Array.from({ length: size.devices }, (_, index) =>
      this.#hang(`feeder-${index + 1}`, internet, firmware, size),
    );
  }

  /** Until so long after the beginning. What the rooms said by then is counted and let go. */
  async run(untilMs: number): Promise<void> {
    await this.world.run(untilMs);
    for (const { message } of this.#server.heard.splice(0)) {
      if (message.type === "event.heartbeat") this.#heartbeats++;
    }
  }

  async count(): Promise<FleetCounts> {
    let inGallery = 0;
    let stills = 0;
    for (const feeder of this.#feeders) {
      stills += feeder.stills.size;
      inGallery += await this.#countGallery(feeder);
    }
    const lost = stills - inGallery;
    return { visits: this.#visits, heartbeats: this.#heartbeats, stills, inGallery, lost };
  }

  #hang(deviceId: string, internet: Internet, firmware: Firmware, size: FleetSize): FleetFeeder {
    const { world } = this;
    const stills = new Set<string>();
    const picture = numberedPictures(deviceId, [PICTURE]);
    const still = (): Uint8Array => {
      const bytes = picture();
      stills.add(sha256Of(bytes));
      return bytes;
    };
    const view = { internet, view: { still }, firmware: cameraProgram };
    const board = new FeederBoard(world, internet, new CameraBoard(world, deviceId, view), {
      deviceId,
      serverUrl: SERVER_URL,
      firmware,
      engine: nodeEngine,
    });
    // Nobody switches a thousand feeders on in one moment.
    const switchOnMs = world.random(`power/${deviceId}`)() * MINUTE_MS;
    world.after(switchOnMs, () => board.powerOn());
    for (const { atMs, stayMs } of drawVisits(world.random(`birds/${deviceId}`), size)) {
      world.after(atMs, () => {
        this.#visits++;
        board.visit(stayMs, GREAT_TIT_GRAMS);
      });
    }
    return { deviceId, stills };
  }

  /** Of its stills, those that its days list and whose bytes are there. */
  async #countGallery({ deviceId, stills }: FleetFeeder): Promise<number> {
    const found = new Set<string>();
    for (const { key, sha256 } of await galleryOf(this.#server, deviceId)) {
      if (!stills.has(sha256)) continue;
      if ((await storedSha256(this.#server, key)) === sha256) found.add(sha256);
    }
    return found.size;
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageFile } from "../../../cli/firmware/inspect.ts";
import { encodeAppImage } from "../../../host-sim/board/app-image.ts";
import type { FeederBoard } from "../../../host-sim/board/board.ts";
import { Flash } from "../../../host-sim/board/flash.ts";
import {
  encodePartitionTable,
  PARTITION_TABLE_OFFSET,
  parsePartitionCsv,
} from "../../../host-sim/board/partition-table.ts";
import { SerialBridge } from "../../../host-sim/board/serial-bridge.ts";
import type { PlannedEvent, World } from "../../../host-sim/world.ts";
import { readFirmwareFile } from "../../../protocol/firmware-file.ts";
import { bundleSmall, noServer, placeBoard, startWorld } from "../../host-sim/small-firmware.ts";
import { ROOT } from "../../tidy/source-tree.ts";
import { BridgeLine } from "./bridge-line.ts";

const FLASH_BYTES = 4 * 1024 * 1024;
const TABLE = join(ROOT, "device/esp32/native/partitions.csv");
export const APP_OFFSET = 0x20000;
export const OTADATA = { offsetBytes: 0xf000, sizeBytes: 0x2000 };
export const NVS_OFFSET = 0x9000;
const BOOTLOADER_OFFSET = 0x1000;

const SLICE_MS = 100;

/** Runs the world until the promise is settled. The host's timers are events of it: esptool-js waits no real second. */
export async function inWorldTime<Value>(
  world: World,
  start: () => Promise<Value>,
): Promise<Value> {
  const { setTimeout, clearTimeout } = globalThis;
  const { now } = Date;
  Object.assign(globalThis, {
    setTimeout: (run: () => void, delayMs = 0) => world.after(delayMs, run),
    clearTimeout: (timer?: PlannedEvent) => timer?.cancel(),
  });
  Date.now = () => world.nowMs;
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  try {
    const promise = start();
    promise.then(over, over);
    while (!isOver) await world.run(world.nowMs + SLICE_MS);
    return await promise;
  } finally {
    // Also when the world fails: the tests behind this one run in the same process.
    Object.assign(globalThis, { setTimeout, clearTimeout });
    Date.now = now;
  }
}

/** A board with nothing on its flash, unless it is given one, on a cable. */
export function placeOnDesk(flash = new Flash(FLASH_BYTES)) {
  const { world, internet } = startWorld(noServer);
  const { board, log } = placeBoard({ world, internet }, flash, { bugsAreFatal: false });
  const bridge = new SerialBridge(world, board);
  board.powerOn();
  return { world, board, log, bridge, line: new BridgeLine(bridge) };
}

export function file(bytes: Uint8Array): ImageFile {
  const read = readFirmwareFile(bytes);
  if (typeof read === "string") throw new Error(read);
  return { bytes, file: read };
}

/** Says the same again and again: whoever comes later hears it too. */
export async function talkingImage(says: string): Promise<Uint8Array> {
  const javascript = await bundleSmall(
    `const talk = () => { trace("${says}\\n"); Timer.set(talk, 100); }; talk();`,
  );
  return encodeAppImage({ product: "small", version: "1.0.0", javascript });
}

export async function appImage(says: string, padToBytes?: number): Promise<Uint8Array> {
  const javascript = await bundleSmall(`trace("${says}\\n");`);
  const padding = padToBytes === undefined ? {} : { padToBytes };
  return encodeAppImage({ product: "small", version: "1.0.0", javascript, ...padding });
}

/** As build-factory makes one, by the feeder's own table; any image does for a bootloader that is not run. */
export async function mergedImage(app: Uint8Array): Promise<Uint8Array> {
  const bootloader = encodeAppImage({ product: "boot", version: "1.0.0", javascript: "" });
  const merged = new Uint8Array(APP_OFFSET + app.length).fill(0xff);
  merged.set(bootloader, BOOTLOADER_OFFSET);
  merged.set(
    encodePartitionTable(parsePartitionCsv(await readFile(TABLE, "utf8"))),
    PARTITION_TABLE_OFFSET,
  );
  merged.set(app, APP_OFFSET);
  return merged;
}

export function flashBytes({ flash }: FeederBoard, from: number, lengthBytes: number): Buffer {
  const bytes = Buffer.alloc(lengthBytes);
  flash.read(from, bytes);
  return bytes;
}

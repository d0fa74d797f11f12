import { readPartitions } from "./bootloader.ts";
import { type Flash, FlashFault, type FlashOperation, SECTOR_BYTES } from "./flash.ts";
import { Nvs } from "./nvs.ts";
import { type Partition, slotNumber } from "./partition-table.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";

/** Typical of 32-Mbit NOR chips of the W25Q32 and GD25Q32 class; at worst they take some ten times as long. */
const SECTOR_ERASE_MS = 45;
const PAGE_PROGRAM_MS = 0.7;
/** Assumed: half of what DIO at 40 MHz could carry, since the driver copies through a buffer of its own. */
const READ_BYTES_PER_MS = 5_000;

/** How long the processor stands still, whose code is in the same chip. */
export function operationMs({ kind }: FlashOperation): number {
  return kind === "erase" ? SECTOR_ERASE_MS : PAGE_PROGRAM_MS;
}

export function findData(partitions: readonly Partition[], label: string): Partition | undefined {
  return partitions.find(
    (partition) => partition.label === label && slotNumber(partition) === undefined,
  );
}

/** As it is on the chip. */
export function openNvs(flash: Flash): Nvs {
  const nvs = new Nvs(flash, findData(readPartitions(flash), "nvs"));
  nvs.mount();
  return nvs;
}

/** `embedded:storage/flash` over the chip: bounded to one partition, with the errors of the SDK's module. */
export function flashCalls(
  power: PowerCycle,
  flash: Flash,
  find: (path: string) => Partition | undefined,
): BoardCalls {
  function open(path: unknown): Partition {
    const partition = find(String(path));
    if (partition === undefined) throw new Error("can't find partition");
    return partition;
  }

  /** Where it is on the chip. */
  function locate(path: unknown, at: number, lengthBytes: number, refused: string): number {
    const { offsetBytes, sizeBytes } = open(path);
    if (at < 0 || at + lengthBytes > sizeBytes) throw new Error(refused);
    return offsetBytes + at;
  }

  /** ESP-IDF aborts a write over the code that runs; none of the firmware's may try. */
  function locateOther(path: unknown, at: number, lengthBytes: number, refused: string): number {
    if (path === "running") throw new Error(refused);
    return locate(path, at, lengthBytes, refused);
  }

  return {
    "flash.size": (path) => open(path).sizeBytes,
    "flash.block_length": () => SECTOR_BYTES,
    "flash.read": (path, offset, into) => {
      const bytes = into as Uint8Array;
      const at = locate(path, Number(offset), bytes.length, "read failed");
      power.stall(bytes.length / READ_BYTES_PER_MS);
      flash.read(at, bytes);
      return bytes.length;
    },
    "flash.write": (path, offset, from) => {
      const bytes = from as Uint8Array;
      const failed = "write failed";
      const at = locateOther(path, Number(offset), bytes.length, failed);
      orThrow(failed, () => flash.program(at, bytes));
    },
    "flash.erase": (path, sector) => {
      const failed = "erase failed";
      const at = locateOther(path, Number(sector) * SECTOR_BYTES, SECTOR_BYTES, failed);
      orThrow(failed, () => flash.eraseSector(at / SECTOR_BYTES));
    },
  };
}

/** What the chip does not get done is the call's error. A power cut is nobody's to handle. */
function orThrow(message: string, operate: () => void): void {
  try {
    operate();
  } catch (error) {
    throw error instanceof FlashFault ? new Error(message) : error;
  }
}

/** `embedded:storage/key-value`: a write or a delete is kept when it returns. */
export function nvsCalls(nvs: Nvs): BoardCalls {
  return {
    "nvs.read": (path, key) => nvs.get(`${String(path)}/${String(key)}`),
    "nvs.write": (path, key, value) => nvs.set(`${String(path)}/${String(key)}`, String(value)),
    "nvs.delete": (path, key) => nvs.delete(`${String(path)}/${String(key)}`),
  };
}

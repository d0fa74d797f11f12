import { type Flash, SECTOR_BYTES } from "./flash.ts";
import type { Partition } from "./partition-table.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";

/** Typical of 32-Mbit NOR chips of the W25Q32 and GD25Q32 class; at worst they take some ten times as long. */
const SECTOR_ERASE_MS = 45;
const PAGE_PROGRAM_MS = 0.7;
const PAGE_BYTES = 256;

/**
 * `embedded:storage/flash` over the chip: a named data partition, bounded. Erasing and programming stop the processor,
 * whose code is in the same chip.
 */
export function flashCalls(
  power: PowerCycle,
  flash: Flash,
  partitions: readonly Partition[],
): BoardCalls {
  function locate(path: unknown, offsetBytes: number, lengthBytes: number): number {
    const partition = partitions.find(({ label }) => label === path);
    if (partition === undefined) throw new Error(`flash: no partition "${String(path)}"`);
    if (offsetBytes < 0 || offsetBytes + lengthBytes > partition.sizeBytes) {
      throw new Error(`flash: ${offsetBytes}+${lengthBytes} is outside "${String(path)}"`);
    }
    return partition.offsetBytes + offsetBytes;
  }

  return {
    "flash.size": (path) => partitions.find(({ label }) => label === path)?.sizeBytes,
    "flash.block_length": () => SECTOR_BYTES,
    "flash.read": (path, offset, into) => {
      const bytes = into as Uint8Array;
      flash.read(locate(path, Number(offset), bytes.length), bytes);
      return bytes.length;
    },
    "flash.write": (path, offset, from) => {
      const bytes = from as Uint8Array;
      const at = locate(path, Number(offset), bytes.length);
      power.stall(pagesTouched(at, bytes.length) * PAGE_PROGRAM_MS);
      flash.program(at, bytes);
    },
    "flash.erase": (path, sector) => {
      const offsetBytes = Number(sector) * SECTOR_BYTES;
      const at = locate(path, offsetBytes, SECTOR_BYTES);
      power.stall(SECTOR_ERASE_MS);
      flash.eraseSector(at / SECTOR_BYTES);
    },
  };
}

function pagesTouched(offsetBytes: number, lengthBytes: number): number {
  const end = Math.ceil((offsetBytes + lengthBytes) / PAGE_BYTES);
  return end - Math.floor(offsetBytes / PAGE_BYTES);
}

/** NVS as the firmware sees it: a key has at most 15 characters, and a write is kept when it returns. */
export function nvsCalls(nvs: Map<string, string>): BoardCalls {
  const name = (path: unknown, key: unknown): string => {
    if (String(key).length > 15) throw new Error(`nvs: key "${String(key)}" is too long`);
    return `${String(path)}/${String(key)}`;
  };
  return {
    "nvs.read": (path, key) => nvs.get(name(path, key)),
    "nvs.write": (path, key, value) => {
      nvs.set(name(path, key), String(value));
    },
  };
}

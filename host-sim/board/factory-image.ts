import { CHIP_FACTS } from "../../protocol/chips.ts";
import { encodeAppImage } from "./app-image.ts";
import type { Firmware } from "./board-options.ts";
import { makeChip } from "./factory.ts";
import { parsePartitionCsv, slotNumber } from "./partition-table.ts";

const ERASED = 0xff;

/**
 * A new board's flash from address 0, up to the end of its application. What stands where a chip has its bootloader is an
 * image without a program: a simulated board's bootloader is the simulator.
 */
export function factoryImage(firmware: Firmware): Uint8Array {
  const slot = parsePartitionCsv(firmware.partitionCsv).find((row) => slotNumber(row) === 0);
  if (slot === undefined) throw new Error("the partition table has no first slot");
  const flash = new Uint8Array(slot.offsetBytes + encodeAppImage(firmware).length).fill(ERASED);
  makeChip(firmware).read(0, flash);
  const { version } = firmware;
  const bootloader = encodeAppImage({ product: "bootloader", version, javascript: "" });
  flash.set(bootloader, CHIP_FACTS.esp32.bootloaderOffset);
  return flash;
}

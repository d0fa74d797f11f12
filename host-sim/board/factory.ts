import type { WifiCredentials } from "../network/home-wifi.ts";
import type { BoardOptions, FactoryImage, Firmware } from "./board-options.ts";
import { flashFactory } from "./bootloader.ts";
import { Flash } from "./flash.ts";
import type { Nvs } from "./nvs.ts";
import {
  encodePartitionTable,
  PARTITION_TABLE_OFFSET,
  type Partition,
  parsePartitionCsv,
  slotNumber,
} from "./partition-table.ts";
import { WIRING } from "./pins.ts";
import { COUNTS_PER_GRAM, TARE_COUNTS } from "./scale.ts";

const FLASH_BYTES = 4 * 1024 * 1024;

/** Boards with the same content share its sectors until they change them. */
const chips = new WeakMap<Firmware | FactoryImage, Flash>();

/** The chip of a new board; one that is given is taken as it is. */
export function makeChip(content: Firmware | FactoryImage | Flash): Flash {
  if (content instanceof Flash) return content;
  const chip = chips.get(content) ?? writeChip(content);
  chips.set(content, chip);
  return chip.fork();
}

function writeChip(content: Firmware | FactoryImage): Flash {
  const chip = new Flash(FLASH_BYTES);
  const partitions = parsePartitionCsv(content.partitionCsv);
  if ("image" in content) writeImage(chip, partitions, content);
  else flashFactory(chip, partitions, content);
  return chip;
}

function writeImage(
  chip: Flash,
  partitions: readonly Partition[],
  { image, slot: number }: FactoryImage,
): void {
  chip.program(PARTITION_TABLE_OFFSET, encodePartitionTable(partitions));
  const slot = partitions.find((partition) => slotNumber(partition) === number);
  if (slot === undefined || image.length > slot.sizeBytes) {
    throw new Error(`the image of ${image.length} bytes does not fit a slot`);
  }
  chip.program(slot.offsetBytes, image);
}

/** What is stored on a board before it hangs in a garden. */
export function provision(nvs: Nvs, options: BoardOptions, wifi: WifiCredentials): void {
  const stored = {
    deviceId: options.deviceId,
    serverUrl: options.serverUrl,
    ssid: wifi.ssid,
    password: wifi.passphrase,
    scaleTare: String(TARE_COUNTS),
    scalePerGram: String(COUNTS_PER_GRAM),
    ...(options.cameraSupply ? { cameraSupplyPin: String(WIRING.cameraSupply) } : {}),
  };
  const given = options.bare ? [] : Object.entries(stored);
  for (const [key, value] of given) nvs.set(`skyfeeder/${key}`, value);
  for (const [name, value] of Object.entries(options.nvs ?? {})) nvs.set(name, value);
}

import { CHIPS, type Chip } from "./update-manifest.ts";

/** What the header and the segments of an image mean on a chip. */
export interface ChipFacts {
  /** In the image's header. */
  readonly id: number;
  /** Where the ROM looks for the bootloader. */
  readonly bootloaderOffset: number;
  /** The smallest page that flash may be mapped by, as a power of 2. */
  readonly pageLog2Min: number;
  /** Addresses that are flash, mapped page by page. */
  readonly mapped: readonly AddressRange[];
}

/** The first address and the one behind the last. */
type AddressRange = readonly [low: number, high: number];

/** Pages of flash are of 64 KiB, and where the build chooses, down to 8 KiB. */
const FIXED_PAGES = { pageLog2Min: 16 };
const CHOSEN_PAGES = { pageLog2Min: 13 };
/** Newer chips see code and data in one range. */
const SHARED_16_MB: readonly AddressRange[] = [[0x42000000, 0x43000000]];
const SHARED_32_MB: readonly AddressRange[] = [[0x42000000, 0x44000000]];

/**
 * ESP-IDF v6.0: ids of esp_app_format.h, offsets of the bootloader's Kconfig, SOC_DROM, SOC_IROM and SOC_EXTRAM of
 * every chip's soc.h.
 */
export const CHIP_FACTS: Readonly<Record<Chip, ChipFacts>> = {
  esp32: {
    id: 0x00,
    bootloaderOffset: 0x1000,
    ...FIXED_PAGES,
    mapped: [
      [0x3f400000, 0x3f800000],
      [0x400d0000, 0x40400000],
    ],
  },
  esp32s2: {
    id: 0x02,
    bootloaderOffset: 0x1000,
    ...FIXED_PAGES,
    mapped: [
      [0x3f000000, 0x3ff80000],
      [0x40080000, 0x40800000],
    ],
  },
  esp32s3: {
    id: 0x09,
    bootloaderOffset: 0x0,
    ...FIXED_PAGES,
    mapped: [
      [0x3c000000, 0x3e000000],
      [0x42000000, 0x44000000],
    ],
  },
  esp32c2: {
    id: 0x0c,
    bootloaderOffset: 0x0,
    ...CHOSEN_PAGES,
    mapped: [
      [0x3c000000, 0x3c400000],
      [0x42000000, 0x42400000],
    ],
  },
  esp32c3: {
    id: 0x05,
    bootloaderOffset: 0x0,
    ...FIXED_PAGES,
    mapped: [
      [0x3c000000, 0x3c800000],
      [0x42000000, 0x42800000],
    ],
  },
  esp32c5: { id: 0x17, bootloaderOffset: 0x2000, ...FIXED_PAGES, mapped: SHARED_32_MB },
  esp32c6: { id: 0x0d, bootloaderOffset: 0x0, ...CHOSEN_PAGES, mapped: SHARED_16_MB },
  esp32c61: { id: 0x14, bootloaderOffset: 0x0, ...CHOSEN_PAGES, mapped: SHARED_32_MB },
  esp32h2: { id: 0x10, bootloaderOffset: 0x0, ...CHOSEN_PAGES, mapped: SHARED_16_MB },
  esp32h21: { id: 0x19, bootloaderOffset: 0x0, ...CHOSEN_PAGES, mapped: SHARED_16_MB },
  esp32h4: { id: 0x1c, bootloaderOffset: 0x2000, ...CHOSEN_PAGES, mapped: SHARED_32_MB },
  esp32p4: {
    id: 0x12,
    bootloaderOffset: 0x2000,
    ...FIXED_PAGES,
    mapped: [
      [0x40000000, 0x44000000],
      [0x48000000, 0x4c000000],
    ],
  },
};

export function chipById(id: number): Chip | undefined {
  return CHIPS.find((chip) => CHIP_FACTS[chip].id === id);
}

export function isMapped({ mapped }: ChipFacts, address: number): boolean {
  return mapped.some(([low, high]) => address >= low && address < high);
}

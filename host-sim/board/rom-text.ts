import { CHIP_FACTS } from "../../protocol/chips.ts";
import type { Flash } from "./flash.ts";
import { readPartitionTable } from "./partition-table.ts";
import type { ResetReason } from "./reset-reason.ts";

/** Of a reset that no running firmware has caused. */
export type RomReset = ResetReason | "flashWatchdog" | "bootloader";

/** What the ROM of an ESP32 calls them; it knows fewer than ESP-IDF, which restarts a core for most of its own. */
const RESETS: Readonly<Record<RomReset, string>> = {
  powerOn: "0x1 (POWERON_RESET)",
  software: "0xc (SW_CPU_RESET)",
  panic: "0xc (SW_CPU_RESET)",
  watchdog: "0xc (SW_CPU_RESET)",
  deepSleep: "0x5 (DEEPSLEEP_RESET)",
  brownout: "0xf (RTCWDT_BROWN_OUT_RESET)",
  flashWatchdog: "0x10 (RTCWDT_RTC_RESET)",
  bootloader: "0x3 (SW_RESET)",
};

/** Of chip revision 3. */
const BANNER = "ets Jul 29 2019 12:21:46\n\n";
const FLASH_BOOT = "boot:0x13 (SPI_FAST_FLASH_BOOT)";
const DOWNLOAD_BOOT = "boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))";

const LOADED = `configsip: 0, SPIWP:0xee
clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00
mode:DIO, clock div:2
load:0x3fff0030,len:6380
load:0x40078000,len:15916
load:0x40080400,len:3920
entry 0x40080638
`;

/** Up to where the bootloader, which talks at level WARN, has started the application or gives up. */
export function flashBootText(flash: Flash, reset: RomReset): string {
  const header = `${BANNER}rst:${RESETS[reset]},${FLASH_BOOT}\n`;
  return hasBootloader(flash) ? header + LOADED : header;
}

export function downloadBootText(reset: RomReset): string {
  return `${BANNER}rst:${RESETS[reset]},${DOWNLOAD_BOOT}\nwaiting for download\n`;
}

const NO_TABLE = `E (37) flash_parts: partition 0 invalid magic number
E (37) boot: Failed to verify partition table
E (41) boot: load partition table error!
`;

const NO_APP = "E (74) boot: No bootable app partitions in the partition table\n";
const IMAGE_MAGIC = 0xe9;
/** As often as the ROM tries before its watchdog bites. */
const HEADER_TRIES = 8;

/** Where nothing boots: what is said, and what resets the chip then. */
export function deadEnd(flash: Flash): { readonly text: string; readonly reset: RomReset } {
  if (hasBootloader(flash)) {
    const text = typeof readPartitionTable(flash) === "string" ? NO_TABLE : NO_APP;
    return { text, reset: "bootloader" };
  }
  const word = readHeader(flash).readUInt32LE().toString(16).padStart(8, "0");
  return { text: `invalid header: 0x${word}\n`.repeat(HEADER_TRIES), reset: "flashWatchdog" };
}

/** Boards that are made for a simulation come without its bytes: who has partitions is taken to have it. */
function hasBootloader(flash: Flash): boolean {
  if (readHeader(flash)[0] === IMAGE_MAGIC) return true;
  const table = readPartitionTable(flash);
  return typeof table === "object" && table.length > 0;
}

function readHeader(flash: Flash): Buffer {
  const header = Buffer.alloc(4);
  flash.read(CHIP_FACTS.esp32.bootloaderOffset, header);
  return header;
}

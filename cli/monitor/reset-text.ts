/** What the ROM prints at each reset: `rst:0x10 (RTCWDT_RTC_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)`. */
export interface Reset {
  readonly code: number;
  /** What it was, for people. */
  readonly words: string;
  /** The ROM waits for a flasher and starts nothing. */
  readonly isDownload: boolean;
}

const LINE = /^rst:0x([0-9a-f]{1,2}) \((\w{1,40})\),boot:0x[0-9a-f]{1,3} \(([^)]{1,60})/;

/** RESET_REASON of ESP-IDF's rom/rtc.h; from 0x11 on those of later chips. */
const WORDS: Readonly<Record<number, string>> = {
  1: "power came on, or EN was pulled low",
  3: "software restarted the chip",
  4: "the old watchdog bit",
  5: "woke from deep sleep",
  6: "the SDIO host reset it",
  7: "the watchdog of timer group 0 bit: a task hung",
  8: "the watchdog of timer group 1 bit: interrupts were off for too long",
  9: "the RTC watchdog reset the chip: it hung",
  10: "an intrusion test reset the CPU",
  11: "a timer's watchdog reset the CPU: it hung",
  12: "software restarted the CPU: esp_restart(), or a panic just before",
  13: "the RTC watchdog reset the CPU: it hung",
  14: "one CPU started the other",
  15: "brownout: the supply fell too low",
  16: "the RTC watchdog reset everything: nothing that boots, or the bootloader hung",
  17: "the watchdog of timer group 1 reset the CPU: interrupts were off for too long",
  18: "the super watchdog bit",
  19: "a clock glitch reset it",
  20: "an eFuse error reset it",
  21: "the USB serial port reset it",
  22: "the USB JTAG port reset it",
  23: "a power glitch reset it",
  24: "the JTAG port reset the CPU",
};

export const DEEP_SLEEP = 0x5;
export const BROWNOUT = 0xf;
export const WATCHDOGS: readonly number[] = [0x4, 0x7, 0x8, 0x9, 0xb, 0xd, 0x11, 0x12];

export function parseReset(line: string): Reset | undefined {
  const [, hex, name = "", mode = ""] = LINE.exec(line) ?? [];
  if (hex === undefined) return undefined;
  const code = Number.parseInt(hex, 16);
  const words = WORDS[code] ?? `unknown to this command (${name})`;
  return { code, words, isDownload: mode.startsWith("DOWNLOAD") };
}

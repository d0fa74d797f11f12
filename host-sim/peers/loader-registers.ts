/** Registers of an ESP32 that flashing tools read and write: which chip it is, its fuses, and the flash's own bus. */
const MAGIC = 0x4000_1000;
const ESP32_MAGIC = 0x00f0_1d83;
const FUSES = 0x3ff5_a000;
const SYSCON_DATE = 0x3ff6_607c;
const UART_CLOCK_DIVIDER = 0x3ff4_0014;
/** 40 MHz at 115200 baud. */
const DIVIDER_AT_40_MHZ = 347;

const SPI = 0x3ff4_2000;
const SPI_COMMAND = SPI;
const SPI_USER_COMMAND = SPI + 0x24;
const SPI_DATA = SPI + 0x80;
const GO = 1 << 18;
const READ_ID = 0x9f;
/** A 32-Mbit W25Q32: maker, type, and the size as a power of two. */
const FLASH_ID = 0x16_40_ef;

export class LoaderRegisters {
  readonly #values: Map<number, number>;

  constructor(mac: Uint8Array) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac;
    this.#values = new Map([
      [MAGIC, ESP32_MAGIC],
      [FUSES + 4, ((c << 24) | (d << 16) | (e << 8) | f) >>> 0],
      [FUSES + 8, (a << 8) | b],
      // Package D0WD, revision 3 by the three bits of it.
      [FUSES + 12, (1 << 15) | (1 << 9)],
      [FUSES + 20, 1 << 20],
      [SYSCON_DATE, 0x8000_0000],
      [UART_CLOCK_DIVIDER, DIVIDER_AT_40_MHZ],
    ]);
  }

  read(address: number): number {
    return this.#values.get(address) ?? 0;
  }

  write(address: number, value: number, mask: number): void {
    this.#values.set(address, ((this.read(address) & ~mask) | (value & mask)) >>> 0);
    if (address === SPI_COMMAND) this.#runSpi();
  }

  /** The only command of the flash that tools send this way. */
  #runSpi(): void {
    if ((this.read(SPI_COMMAND) & GO) === 0) return;
    const isReadId = (this.read(SPI_USER_COMMAND) & 0xffff) === READ_ID;
    this.#values.set(SPI_DATA, isReadId ? FLASH_ID : 0);
    this.#values.set(SPI_COMMAND, 0);
  }
}

import { createHash } from "node:crypto";
import { constants, deflateSync, inflateSync } from "node:zlib";
import { ESPLoader, Transport } from "esptool-js";
import { PARTITION_TABLE_BYTES, PARTITION_TABLE_OFFSET } from "../../protocol/partition-table.ts";
import type { SerialLine } from "../serial/serial-line.ts";
import { PortLost, WebSerialPort } from "./web-serial-port.ts";

/** The ROM's own; the stub is asked for a higher one. */
const ROM_BAUD = 115_200;
const BLOCK_BYTES = 0x4000;
/** What esptool grants a chip that is slow at erasing and writing. */
const WRITE_MS_PER_MB = 40_000;
const BLOCK_MS_MIN = 3_000;
const MEGABYTE = 1_000_000;
/** esptool-js's own "hard_reset" leaves DTR up, which holds IO0 low on the usual circuit. */
const RUN = "D0|R1|W100|R0";

export interface FoundChip {
  /** As it names itself: ESP32-D0WD-V3 (revision 3). */
  readonly description: string;
  /** ESP32, ESP32-S3 ... */
  readonly family: string;
  readonly mac: string;
  readonly flashBytes: number | undefined;
}

export interface FlashWrite {
  readonly address: number;
  readonly data: Uint8Array;
}

/** Compressed bytes, which is what takes the time. */
export type ReportBytes = (sentBytes: number, totalBytes: number) => void;

/** A chip whose ROM waits for download, through esptool-js. Everything rejects with `PortLost` once the line has ended. */
export class EspBoard {
  readonly #loader: ESPLoader;
  readonly #transport: QuietTransport;

  constructor(line: SerialLine, baudRate: number) {
    this.#transport = new QuietTransport(line);
    const silent = { clean() {}, writeLine() {}, write() {} };
    const transport = this.#transport;
    const options = { transport, terminal: silent, romBaudrate: ROM_BAUD, debugLogging: false };
    this.#loader = new ESPLoader({ ...options, baudrate: baudRate });
  }

  /** Resets the chip into its ROM, and puts esptool's stub there. */
  async connect(resets: boolean): Promise<FoundChip> {
    const description = await this.#loader.main(resets ? "default_reset" : "no_reset");
    const mac = await this.#loader.chip.readMac(this.#loader);
    const flashId = await this.#loader.readFlashId();
    return {
      description,
      family: this.#loader.chip.CHIP_NAME,
      mac,
      flashBytes: sizeOfFlash(flashId),
    };
  }

  readPartitionTable(): Promise<Uint8Array> {
    return this.#loader.readFlash(PARTITION_TABLE_OFFSET, PARTITION_TABLE_BYTES);
  }

  async eraseAll(): Promise<void> {
    await this.#loader.eraseFlash();
  }

  /** Not esptool-js's own writeFlash: between two blocks that unpacks what it sends byte by byte, and the wire waits. */
  async write({ address, data }: FlashWrite, report: ReportBytes): Promise<void> {
    const packed = deflateSync(data, { level: 9 });
    const blocks = cutIntoBlocks(packed);
    await this.#loader.flashDeflBegin(data.length, packed.length, address);
    let sentBytes = 0;
    let lastMs = BLOCK_MS_MIN;
    for (const [sequence, { bytes, unpackedBytes }] of blocks.entries()) {
      report(sentBytes, packed.length);
      const blockMs = writeMs(unpackedBytes);
      // The stub still writes the block before while this one arrives.
      await this.#loader.flashDeflBlock(bytes, sequence, Math.max(blockMs, lastMs));
      sentBytes += bytes.length;
      lastMs = blockMs;
    }
    report(packed.length, packed.length);
    await this.#loader.flashDeflFinish(false, lastMs);
  }

  async holds({ address, data }: FlashWrite): Promise<boolean> {
    const md5 = createHash("md5").update(data).digest("hex");
    return (await this.#loader.flashMd5sum(address, data.length)) === md5;
  }

  /** Leaves the chip running what is on its flash. */
  async run(): Promise<void> {
    await this.#loader.after("custom_reset", undefined, RUN);
  }
}

/** JEDEC: maker, type, and the size as a power of two, which the makers keep to from 256 kB to 32 MB. */
function sizeOfFlash(flashId: number): number | undefined {
  const log2 = (flashId >> 16) & 0xff;
  return log2 >= 18 && log2 <= 25 ? 2 ** log2 : undefined;
}

function writeMs(bytes: number): number {
  return Math.max(BLOCK_MS_MIN, (WRITE_MS_PER_MB * bytes) / MEGABYTE);
}

interface PackedBlock {
  readonly bytes: Uint8Array;
  /** What the chip has to write of it. */
  readonly unpackedBytes: number;
}

/** Each beginning is unpacked anew, a second in all for 4 MB: a stream of zlib would wait for other threads. */
function cutIntoBlocks(packed: Uint8Array): PackedBlock[] {
  const blocks: PackedBlock[] = [];
  let before = 0;
  for (let at = 0; at < packed.length; at += BLOCK_BYTES) {
    const begun = packed.subarray(0, at + BLOCK_BYTES);
    const unpacked = inflateSync(begun, { finishFlush: constants.Z_SYNC_FLUSH }).length;
    blocks.push({ bytes: begun.subarray(at), unpackedBytes: unpacked - before });
    before = unpacked;
  }
  return blocks;
}

/** esptool-js prints traces to the console also where nobody asked for them. */
class QuietTransport extends Transport {
  readonly #lost: Promise<never>;

  constructor(line: SerialLine) {
    // The part of the browser's class that is called.
    super(new WebSerialPort(line) as unknown as SerialPort);
    this.#lost = line.ended.then(() => {
      throw new PortLost();
    });
    this.#lost.catch(() => {});
  }

  override trace(): void {}

  override read(timeoutMs: number): Promise<Uint8Array> {
    return Promise.race([super.read(timeoutMs), this.#lost]);
  }
}

import { createHash } from "node:crypto";
import type { ConsoleUart } from "../board/console-uart.ts";
import { type Flash, SECTOR_BYTES } from "../board/flash.ts";
import type { World } from "../world.ts";
import { LoaderWrite, STUB_ERROR } from "./loader-flash.ts";
import { encodeResponse, type LoaderRequest, OP, readBlock, readRequest } from "./loader-frames.ts";
import { LoaderRegisters } from "./loader-registers.ts";
import { encodeSlip, SlipDecoder } from "./slip.ts";

/** The stub's largest block with its headers. */
const FRAME_BYTES_MAX = 0x4000 + 64;
const ROM_ERROR = { invalidMessage: 0x05, failed: 0x06, badChecksum: 0x07 } as const;
/** What the ROM of a chip that can be flashed says to SYNC; the stub says 0. */
const ROM_SYNC_VALUE = 0x2012_0707;
/** A ROM repeats what it answers to SYNC and to what it does not know. */
const ROM_REPEATS = 8;
const OK = 0;
const NOTHING = new Uint8Array(0);

export interface LoaderPorts {
  readonly world: World;
  readonly uart: ConsoleUart;
  readonly flash: Flash;
  readonly mac: Uint8Array;
  /** The loader ends, and the chip boots from its flash. */
  readonly restart: () => void;
}

interface ReadTransfer {
  readonly from: number;
  readonly lengthBytes: number;
  readonly blockBytes: number;
  sentBytes: number;
}

/**
 * The ROM of an ESP32 that waits for download, and esptool's stub, which takes its place: what is loaded into RAM is
 * not run, it is the stub. Takes no time of its own; the wire does, and a chip's erasing is not waited for.
 */
export class RomLoader {
  readonly #ports: LoaderPorts;
  readonly #registers: LoaderRegisters;
  readonly #decoder = new SlipDecoder(FRAME_BYTES_MAX);
  readonly #receive = (bytes: Uint8Array) => this.#hear(bytes);
  #isStub = false;
  #write: LoaderWrite | undefined;
  #read: ReadTransfer | undefined;

  constructor(ports: LoaderPorts) {
    this.#ports = ports;
    this.#registers = new LoaderRegisters(ports.mac);
    ports.uart.hear = this.#receive;
  }

  #hear(bytes: Uint8Array): void {
    this.#decoder.decode(bytes, (frame) => {
      if (this.#read !== undefined) return this.#sendNext(this.#read, frame);
      const request = readRequest(frame);
      if (request !== undefined) this.#serve(request);
    });
  }

  #serve(request: LoaderRequest): void {
    const { op, word } = request;
    const { flash } = this.#ports;
    switch (op) {
      case OP.sync:
        return this.#sync();
      case OP.readReg:
        return this.#answer(op, OK, this.#registers.read(word(0)));
      case OP.writeReg:
        for (let at = 0; at + 16 <= request.data.length; at += 16) {
          this.#registers.write(word(at / 4), word(at / 4 + 1), word(at / 4 + 2));
        }
        return this.#answer(op);
      case OP.memBegin:
      case OP.spiAttach:
      case OP.spiSetParams:
        return this.#answer(op);
      case OP.memData:
        return this.#takeBlock(request, () => undefined);
      case OP.memEnd:
        return this.#startStub(op, word(1));
      case OP.changeBaud:
        return this.#changeBaud(op, word(0));
      case OP.flashBegin:
      case OP.deflBegin:
        return this.#begin(op, word(3), word(0));
      case OP.flashData:
      case OP.deflData:
        return this.#takeBlock(request, (block) =>
          this.#write === undefined ? STUB_ERROR.notInFlashMode : this.#write.take(block),
        );
      case OP.flashEnd:
      case OP.deflEnd:
        return this.#end(op, word(0) === 0);
      case OP.flashMd5:
        return this.#md5(op, word(0), word(1));
      default:
        return this.#isStub ? this.#serveStub(request, flash) : this.#refuse();
    }
  }

  #serveStub({ op, word }: LoaderRequest, flash: Flash): void {
    if (op === OP.eraseFlash) return this.#erase(op, 0, flash.sizeBytes);
    if (op === OP.eraseRegion) return this.#erase(op, word(0), word(1));
    if (op === OP.runUserCode) return this.#ports.restart();
    if (op !== OP.readFlash) return this.#answer(op, STUB_ERROR.notImplemented);
    if (!this.#isInside(word(0), word(1))) return this.#answer(op, STUB_ERROR.badLength);
    const blockBytes = Math.max(1, Math.min(word(2), SECTOR_BYTES));
    this.#answer(op);
    this.#read = { from: word(0), lengthBytes: word(1), blockBytes, sentBytes: 0 };
    this.#sendBlock(this.#read);
  }

  #sync(): void {
    const times = this.#isStub ? 1 : ROM_REPEATS;
    for (let n = 0; n < times; n++) this.#answer(OP.sync, OK, this.#isStub ? 0 : ROM_SYNC_VALUE);
  }

  /** Of an ESP32's ROM it was never checked on a chip which command this names; tools tell it by its not being theirs. */
  #refuse(): void {
    const body = Uint8Array.of(1, ROM_ERROR.invalidMessage, 0, 0);
    for (let n = 0; n < ROM_REPEATS; n++) this.#send(encodeResponse(0, 0, body));
  }

  #startStub(op: number, entry: number): void {
    this.#answer(op);
    if (entry === 0) return;
    this.#isStub = true;
    this.#send(new TextEncoder().encode("OHAI"));
  }

  /** The answer still comes at the old rate. */
  #changeBaud(op: number, bitsPerSecond: number): void {
    this.#answer(op);
    const { world, uart } = this.#ports;
    world.after(uart.roomAtMs(0) - world.nowMs, () => {
      if (uart.hear === this.#receive && bitsPerSecond > 0) uart.baud = bitsPerSecond;
    });
  }

  #begin(op: number, offsetBytes: number, sizeBytes: number): void {
    if (!this.#isInside(offsetBytes, 0)) return this.#answer(op, STUB_ERROR.badLength);
    // The ROM is told in whole blocks, which may reach behind the chip's end.
    const roomBytes = Math.min(sizeBytes, this.#ports.flash.sizeBytes - offsetBytes);
    this.#write = new LoaderWrite(this.#ports.flash, offsetBytes, roomBytes, op === OP.deflBegin);
    this.#answer(op);
  }

  #takeBlock(request: LoaderRequest, use: (block: Uint8Array) => number | undefined): void {
    const block = readBlock(request);
    if (block === "length") return this.#answer(request.op, STUB_ERROR.badLength);
    if (block === "sum") return this.#answer(request.op, STUB_ERROR.badChecksum);
    this.#answer(request.op, use(block) ?? OK);
  }

  #end(op: number, restarts: boolean): void {
    this.#answer(op);
    this.#write = undefined;
    if (restarts) this.#ports.restart();
  }

  #md5(op: number, from: number, lengthBytes: number): void {
    if (!this.#isInside(from, lengthBytes)) return this.#answer(op, STUB_ERROR.badLength);
    const digest = createHash("md5").update(this.#flashBytes(from, lengthBytes)).digest();
    this.#answer(op, OK, 0, this.#isStub ? digest : Buffer.from(digest.toString("hex")));
  }

  #erase(op: number, from: number, lengthBytes: number): void {
    const isWhole = from % SECTOR_BYTES === 0 && lengthBytes % SECTOR_BYTES === 0;
    if (!isWhole || !this.#isInside(from, lengthBytes)) {
      return this.#answer(op, STUB_ERROR.badBlockSize);
    }
    for (let at = from; at < from + lengthBytes; at += SECTOR_BYTES) {
      this.#ports.flash.eraseSector(at / SECTOR_BYTES);
    }
    this.#answer(op);
  }

  /** The host has told how much it has by now. */
  #sendNext(read: ReadTransfer, frame: Uint8Array): void {
    const hostHas = frame.length === 4 ? Buffer.from(frame).readUInt32LE() : 0;
    if (hostHas < read.sentBytes) return;
    if (read.sentBytes < read.lengthBytes) return this.#sendBlock(read);
    this.#read = undefined;
    const bytes = this.#flashBytes(read.from, read.lengthBytes);
    this.#send(createHash("md5").update(bytes).digest());
  }

  #sendBlock(read: ReadTransfer): void {
    const bytes = Math.min(read.blockBytes, read.lengthBytes - read.sentBytes);
    this.#send(this.#flashBytes(read.from + read.sentBytes, bytes));
    read.sentBytes += bytes;
  }

  #flashBytes(from: number, lengthBytes: number): Uint8Array {
    const bytes = new Uint8Array(lengthBytes);
    this.#ports.flash.read(from, bytes);
    return bytes;
  }

  #isInside(from: number, lengthBytes: number): boolean {
    return from + lengthBytes <= this.#ports.flash.sizeBytes;
  }

  #answer(op: number, error = OK, value = 0, body = NOTHING): void {
    const status = this.#isStub ? [error === OK ? 0 : 1, error] : romStatus(error);
    this.#send(encodeResponse(op, value, Uint8Array.from([...body, ...status])));
  }

  #send(frame: Uint8Array): void {
    this.#ports.uart.transmit(encodeSlip(frame));
  }
}

/** Of four bytes two are used. */
function romStatus(error: number): readonly number[] {
  if (error === OK) return [0, 0, 0, 0];
  const known = error === STUB_ERROR.badChecksum ? ROM_ERROR.badChecksum : ROM_ERROR.failed;
  return [1, known, 0, 0];
}

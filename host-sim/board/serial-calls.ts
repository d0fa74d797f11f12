import { ByteQueue } from "./byte-queue.ts";
import type { ConsoleUart } from "./console-uart.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";

/** The hardware's, one each way; the SDK's module has no other buffer. */
const FIFO_BYTES = 128;
/** kTransmitTreshold of the SDK's serial.c: onWritable comes when no more than that is left to leave. */
const WRITABLE_BELOW_BYTES = 10;
const CONSOLE_PORT = 0;

/** `embedded:io/serial` on UART0, as modules/io/serial/esp32/serial.c of SDK 8.2.3 has it. */
export function serialCalls(power: PowerCycle, uart: ConsoleUart): BoardCalls {
  const port = new SerialPort(power, uart);
  power.atEnd(() => port.close());
  return {
    "serial.open": (target, number, baud, hasReadable, hasWritable) => {
      if (number !== CONSOLE_PORT) throw new Error("invalid port");
      port.open(Number(target), Number(baud), hasReadable === true, hasWritable === true);
    },
    "serial.readable_bytes": () => port.received.heldBytes,
    "serial.writable_bytes": () => port.writableBytes,
    "serial.read": (count) => port.read(Number(count)),
    "serial.write": (bytes) => port.write(bytes as Uint8Array),
    "serial.listen": () => port.listen(),
    "serial.close": () => port.close(),
  };
}

class SerialPort {
  readonly received = new ByteQueue();
  readonly #power: PowerCycle;
  readonly #uart: ConsoleUart;
  #target: number | undefined;
  #hasReadable = false;
  #hasWritable = false;
  /** An interrupt that the firmware has not been told of yet, or is being told of: there is no second one. */
  #readablePosted = false;
  #writablePosted = false;

  constructor(power: PowerCycle, uart: ConsoleUart) {
    this.#power = power;
    this.#uart = uart;
  }

  open(target: number, baud: number, hasReadable: boolean, hasWritable: boolean): void {
    if (this.#target !== undefined || this.#uart.isDebuggers) throw new Error("in use");
    this.#target = target;
    this.#hasReadable = hasReadable;
    this.#hasWritable = hasWritable;
    this.#uart.baud = baud;
    this.#uart.hear = (bytes) => this.#receive(bytes);
    this.#postWritable();
  }

  close(): void {
    if (this.#target === undefined) return;
    this.#target = undefined;
    this.#uart.hear = () => {};
    this.received.clear();
    this.#readablePosted = false;
  }

  get writableBytes(): number {
    return Math.max(0, FIFO_BYTES - this.#uart.queuedBytes());
  }

  /** The hardware would hand out what is not there. */
  read(count: number): Uint8Array {
    if (count > this.received.heldBytes) throw new Error("reads more than has arrived");
    return this.received.take(count).slice();
  }

  write(bytes: Uint8Array): void {
    if (bytes.length > this.writableBytes) throw new Error("output full");
    this.#uart.transmit(bytes);
    this.#postWritable();
  }

  /** The interrupt is on again behind each onReadable: what was not read comes once more. */
  listen(): void {
    this.#readablePosted = false;
    if (this.received.heldBytes > 0) this.#power.after(0, () => this.#postReadable());
  }

  #receive(bytes: Uint8Array): void {
    this.received.push(bytes.slice(0, FIFO_BYTES - this.received.heldBytes));
    this.#postReadable();
  }

  #postReadable(): void {
    if (this.#target === undefined || !this.#hasReadable || this.#readablePosted) return;
    this.#readablePosted = true;
    this.#power.emit(this.#target, "readable");
  }

  #postWritable(): void {
    if (!this.#hasWritable || this.#writablePosted) return;
    this.#writablePosted = true;
    const waitMs = this.#uart.roomAtMs(WRITABLE_BELOW_BYTES) - this.#power.world.nowMs;
    this.#power.after(Math.max(0, waitMs), () => {
      this.#writablePosted = false;
      if (this.#target !== undefined) this.#power.emit(this.#target, "writable");
    });
  }
}

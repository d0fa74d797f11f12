import type { World } from "../world.ts";
import { quietLine, type UartFaults } from "./line-noise.ts";
import { UartLine } from "./uart.ts";

type Hear = (bytes: Uint8Array) => void;

/** What the ROM and ESP-IDF's console start with after each reset. */
export const CONSOLE_BAUD = 115_200;

const nobody: Hear = () => {};
const encoder = new TextEncoder();

/** Both wires between UART0 and what is plugged in. */
export interface ConsoleCable {
  readonly toHost: UartLine;
  readonly toBoard: UartLine;
}

/** The board's UART0. With nothing plugged in it costs no event: what is sent is gone. */
export class ConsoleUart {
  readonly faults: UartFaults = quietLine();
  /** Who on the board takes what comes: the ROM's loader, the firmware's serial port, or nobody. */
  hear: Hear = nobody;
  /** The SDK's debugger claims the pins, and firmware cannot open the port. */
  readonly isDebuggers: boolean;
  readonly #world: World;
  readonly #name: string;
  #cable: ConsoleCable | undefined;
  #baud = CONSOLE_BAUD;

  constructor(world: World, name: string, isDebuggers: boolean) {
    this.#world = world;
    this.#name = name;
    this.isDebuggers = isDebuggers;
  }

  get isPlugged(): boolean {
    return this.#cable !== undefined;
  }

  plug(hostHears: Hear): ConsoleCable {
    const toHost = new UartLine(this.#world, `${this.#name}>usb`, this.faults, hostHears);
    const toBoard = new UartLine(this.#world, `usb>${this.#name}`, this.faults, (bytes) =>
      this.hear(bytes),
    );
    this.#cable = { toHost, toBoard };
    this.baud = this.#baud;
    return this.#cable;
  }

  unplug(): void {
    this.cut();
    this.#cable?.toBoard.cut();
    this.#cable = undefined;
  }

  set baud(bitsPerSecond: number) {
    this.#baud = bitsPerSecond;
    if (this.#cable === undefined) return;
    this.#cable.toHost.senderBaud = bitsPerSecond;
    this.#cable.toBoard.receiverBaud = bitsPerSecond;
  }

  /** As after any reset: at the ROM's rate, and nobody listens yet. */
  reset(): void {
    this.hear = nobody;
    this.baud = CONSOLE_BAUD;
  }

  /** The board has lost its power: what has not left never will. */
  cut(): void {
    this.hear = nobody;
    this.#cable?.toHost.cut();
  }

  transmit(bytes: Uint8Array): void {
    this.#cable?.toHost.send(bytes);
  }

  /** As ESP-IDF's console: a line ends in CR LF. */
  print(text: string): void {
    this.#cable?.toHost.send(encoder.encode(text.replaceAll("\n", "\r\n")));
  }

  queuedBytes(): number {
    return this.#cable?.toHost.queuedBytes() ?? 0;
  }

  /** When no more than `queuedBytes` of what was sent so far are left to leave. */
  roomAtMs(queuedBytes: number): number {
    return this.#cable?.toHost.roomAtMs(queuedBytes) ?? this.#world.nowMs;
  }
}

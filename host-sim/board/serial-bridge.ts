import type { PlannedEvent, World } from "../world.ts";
import type { FeederBoard } from "./board.ts";
import type { ConsoleCable } from "./console-uart.ts";

/**
 * EN's pull-up of 10 kOhm charges 1 uF. Tools count on it: esptool's classic reset has both lines asserted for a moment
 * between EN low and IO0 low, and is in time because EN is still rising.
 */
const EN_RISE_MS = 10;

export interface ControlLines {
  readonly dataTerminalReady?: boolean | undefined;
  readonly requestToSend?: boolean | undefined;
}

/**
 * The USB bridge of a development board with its two transistors: RTS alone pulls EN low, DTR alone IO0, both together
 * nothing. May be called from outside the world; what it does is an event of the world.
 */
export class SerialBridge {
  /** Takes what comes from the board. */
  hear: (bytes: Uint8Array) => void = () => {};
  readonly #world: World;
  readonly #board: FeederBoard;
  #cable: ConsoleCable | undefined;
  #baud = 115_200;
  #dtr = false;
  #rts = false;
  #rise: PlannedEvent | undefined;

  constructor(world: World, board: FeederBoard) {
    this.#world = world;
    this.#board = board;
    this.plug();
  }

  plug(): void {
    this.#cable ??= this.#board.console.plug((bytes) => this.hear(bytes));
    this.#setBaud(this.#baud);
  }

  /** The board has no other supply. */
  unplug(): void {
    this.#rise?.cancel();
    this.#rise = undefined;
    this.#dtr = false;
    this.#rts = false;
    this.#board.powerOff();
    this.#board.console.unplug();
    this.#cable = undefined;
  }

  set baud(bitsPerSecond: number) {
    this.#world.inject(() => this.#setBaud(bitsPerSecond));
  }

  setSignals(lines: ControlLines): void {
    this.#world.inject(() => this.#setSignals(lines));
  }

  write(bytes: Uint8Array): void {
    const copy = bytes.slice();
    this.#world.inject(() => this.#cable?.toBoard.send(copy));
  }

  /** When all that was written so far has left, as a driver's drain; at once where nothing is plugged in. */
  whenSent(run: () => void): void {
    this.#world.inject(() => {
      const idleAtMs = this.#cable?.toBoard.idleAtMs ?? this.#world.nowMs;
      this.#world.after(idleAtMs - this.#world.nowMs, run);
    });
  }

  #setBaud(bitsPerSecond: number): void {
    this.#baud = bitsPerSecond;
    if (this.#cable === undefined) return;
    this.#cable.toBoard.senderBaud = bitsPerSecond;
    this.#cable.toHost.receiverBaud = bitsPerSecond;
  }

  #setSignals({ dataTerminalReady, requestToSend }: ControlLines): void {
    if (this.#cable === undefined) return;
    const wasLow = this.#enableIsLow;
    this.#dtr = dataTerminalReady ?? this.#dtr;
    this.#rts = requestToSend ?? this.#rts;
    if (this.#enableIsLow === wasLow) return;
    this.#rise?.cancel();
    // While EN is low the chip keeps no more than without power.
    if (!wasLow) return this.#board.powerOff();
    this.#rise = this.#world.after(EN_RISE_MS, () => this.#board.release(this.#strapping));
  }

  get #enableIsLow(): boolean {
    return this.#rts && !this.#dtr;
  }

  /** IO0 at the moment when EN has risen. */
  get #strapping(): "flash" | "download" {
    return this.#dtr && !this.#rts ? "download" : "flash";
  }
}

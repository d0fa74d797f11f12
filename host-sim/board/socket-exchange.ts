import type { Internet, SocketEnd } from "../network/internet.ts";
import type { PowerCycle } from "./power.ts";

const SEND_BUFFER_BYTES = 8192;
const CONNECT_MS = 30;
const CLOSE_OPCODE = 8;

/** One WebSocket of the firmware. */
export class SocketExchange {
  readonly #power: PowerCycle;
  readonly #target: number;
  #end: SocketEnd | undefined;
  #closed = false;

  constructor(power: PowerCycle, internet: Internet, target: number, url: string) {
    this.#power = power;
    this.#target = target;
    power.atEnd(() => this.close());
    power.after(CONNECT_MS, () => {
      if (!this.#closed) this.#end = this.#open(internet, url);
    });
  }

  write(bytes: Uint8Array, opcode: number): number {
    if (opcode === CLOSE_OPCODE) {
      this.#end?.close();
      return 0;
    }
    const text = new TextDecoder().decode(bytes);
    this.#trace(`> ${text}`);
    this.#end?.send(text);
    return SEND_BUFFER_BYTES;
  }

  /** Gives the socket up without a word, as a reset does. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#end?.close();
  }

  #open(internet: Internet, url: string): SocketEnd {
    return internet.connect(url, {
      opened: () => this.#emit("writable", SEND_BUFFER_BYTES),
      message: (text) => {
        this.#trace(`< ${text}`);
        this.#emit("message", new TextEncoder().encode(text));
      },
      closed: (reason) => this.#emit(reason === "refused" ? "error" : "closed"),
    });
  }

  #emit(event: string, value?: number | Uint8Array): void {
    if (!this.#closed) this.#power.emit(this.#target, event, value);
  }

  #trace(what: string): void {
    const { world } = this.#power;
    world.trace.add(world.nowMs, "ws", what);
  }
}

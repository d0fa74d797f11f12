import type { Trust } from "../network/certificate-judge.ts";
import type { Internet, SocketEnd } from "../network/internet.ts";
import type { PowerCycle } from "./power.ts";
import type { Radio } from "./radio.ts";

/** TCP_SND_BUF of the SDK's lwIP. */
const SEND_BUFFER_BYTES = 8192;
const CONNECT_MS = 30;
const CLOSE_OPCODE = 8;
/** From the server's close frame, which the SDK answers, to the end of its TCP connection. */
const FIN_MS = 40;
const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder();

interface SocketTarget {
  readonly url: string;
  readonly trust: Trust;
}

/** One WebSocket of the firmware. */
export class SocketExchange {
  readonly #power: PowerCycle;
  readonly #radio: Radio;
  readonly #target: number;
  #end: SocketEnd | undefined;
  #state: "connecting" | "open" | "closing" | "over" = "connecting";

  constructor(
    power: PowerCycle,
    internet: Internet,
    radio: Radio,
    target: number,
    to: SocketTarget,
  ) {
    this.#power = power;
    this.#radio = radio;
    this.#target = target;
    power.atEnd(() => this.#vanish());
    power.after(CONNECT_MS, () => {
      if (this.#state === "connecting") this.#end = this.#open(internet, to);
    });
  }

  /** Answers how much more may be written. Throws where the SDK's client throws. */
  write(bytes: Uint8Array, opcode: number): number {
    if (this.#state !== "open") throw new Error(`websocket: write while ${this.#state}`);
    if (opcode === CLOSE_OPCODE) {
      this.#turn("closing");
      this.#end?.close();
      return 0;
    }
    const text = utf8Decoder.decode(bytes);
    this.#trace(`> ${text}`);
    this.#radio.carries("sending", bytes.length);
    this.#end?.send(text);
    return SEND_BUFFER_BYTES;
  }

  /** The firmware gives the socket up; the server is told. */
  close(): void {
    if (this.#state === "over") return;
    this.#turn("over");
    this.#end?.close();
  }

  /** A reset says nothing to anyone. */
  #vanish(): void {
    if (this.#state === "over") return;
    this.#turn("over");
    this.#end?.vanish();
  }

  #open(internet: Internet, to: SocketTarget): SocketEnd {
    const peer = {
      opened: () => {
        this.#turn("open");
        this.#emit("writable", SEND_BUFFER_BYTES);
      },
      message: (text: string) => {
        if (this.#state === "over") return;
        this.#trace(`< ${text}`);
        const bytes = utf8Encoder.encode(text);
        this.#radio.carries("receiving", bytes.length);
        this.#emit("message", bytes);
      },
      closed: (reason: string) => this.#closed(reason),
    };
    return internet.connect(to.url, peer, () => this.#radio.reaches(), to.trust);
  }

  #closed(reason: string): void {
    if (reason === "refused" || reason === "broken") return this.#emit("error");
    if (this.#state === "open") {
      this.#turn("closing");
      this.#emit("closing");
    }
    this.#power.after(FIN_MS, () => this.#emit("closed"));
  }

  #turn(state: "open" | "closing" | "over"): void {
    const wasOpen = this.#state === "open";
    this.#state = state;
    if (wasOpen !== (state === "open")) this.#radio.watchSession(state === "open");
  }

  #emit(event: string, value?: number | Uint8Array): void {
    if (this.#state !== "over") this.#power.emit(this.#target, event, value);
  }

  #trace(what: string): void {
    const { world } = this.#power;
    world.trace.add(world.nowMs, `ws/${this.#radio.deviceId}`, what);
  }
}

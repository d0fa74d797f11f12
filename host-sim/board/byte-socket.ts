import type { Trust } from "../network/certificate-judge.ts";
import type { Internet, SocketEnd } from "../network/internet.ts";
import { fromOctets, toOctets } from "../network/octets.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";
import type { Radio } from "./radio.ts";

/** TCP_SND_BUF of the SDK's lwIP. */
const SEND_BUFFER_BYTES = 8192;
const CONNECT_MS = 30;

/** One TCP connection of the firmware, whose bytes the firmware's own client makes. */
class ByteSocket {
  readonly #power: PowerCycle;
  readonly #radio: Radio;
  readonly #target: number;
  #end: SocketEnd | undefined;
  #state: "connecting" | "open" | "over" = "connecting";
  #freeBytes = SEND_BUFFER_BYTES;

  constructor(power: PowerCycle, radio: Radio, target: number) {
    this.#power = power;
    this.#radio = radio;
    this.#target = target;
    power.atEnd(() => this.#finish((end) => end.vanish()));
  }

  connect(internet: Internet, url: string, trust: Trust): void {
    const peer = {
      opened: () => {
        this.#turn("open");
        this.#emit("writable", this.#freeBytes);
      },
      message: (octets: string) => this.#receive(fromOctets(octets)),
      closed: () => {
        this.#emit("error");
        this.#turn("over");
      },
    };
    this.#power.after(CONNECT_MS, () => {
      if (this.#state !== "connecting") return;
      this.#end = internet.connect(url, peer, () => this.#radio.reaches(), trust);
    });
  }

  /** Answers how much more may be written. Throws where the SDK's socket throws. */
  write(bytes: Uint8Array): number {
    if (bytes.length > this.#freeBytes) throw new Error("tcp: buffer full");
    if (this.#state !== "open") return 0;
    this.#trace(">", bytes);
    this.#radio.carries("sending", bytes.length);
    this.#end?.send(toOctets(bytes));
    this.#freeBytes -= bytes.length;
    this.#power.after(bytes.length / this.#radio.uplinkBytesPerMs, () => {
      this.#freeBytes += bytes.length;
      this.#emit("writable", this.#freeBytes);
    });
    return this.#freeBytes;
  }

  /** The firmware gives it up; the other end is told. */
  close(): void {
    this.#finish((end) => end.close());
  }

  #finish(tell: (end: SocketEnd) => void): void {
    if (this.#state === "over") return;
    this.#turn("over");
    if (this.#end !== undefined) tell(this.#end);
  }

  #receive(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#state !== "open") return;
    this.#trace("<", bytes);
    this.#radio.carries("receiving", bytes.length);
    this.#emit("readable", bytes);
  }

  #turn(state: "open" | "over"): void {
    const wasOpen = this.#state === "open";
    this.#state = state;
    if (wasOpen !== (state === "open")) this.#radio.watchSession(state === "open");
  }

  #emit(event: string, value?: number | Uint8Array): void {
    if (this.#state !== "over") this.#power.emit(this.#target, event, value);
  }

  #trace(way: "<" | ">", bytes: Uint8Array): void {
    const { world } = this.#power;
    const readable = toOctets(bytes).replace(/[^ -~]/g, ".");
    world.trace.add(world.nowMs, `mqtt/${this.#radio.deviceId}`, `${way} ${readable}`);
  }
}

export function byteSocketCalls(
  power: PowerCycle,
  radio: Radio,
  internet: Internet,
  trust: () => Trust,
): BoardCalls {
  const sockets = new Map<unknown, ByteSocket>();
  return {
    "tcp.open": (target, host, port, scheme) => {
      const socket = new ByteSocket(power, radio, Number(target));
      sockets.set(target, socket);
      socket.connect(internet, `${String(scheme)}://${String(host)}:${Number(port)}`, trust());
    },
    "tcp.write": (target, bytes) => sockets.get(target)?.write(bytes as Uint8Array) ?? 0,
    "tcp.close": (target) => {
      sockets.get(target)?.close();
      sockets.delete(target);
    },
  };
}

import type { World } from "../world.ts";
import type { BoardCalls, PowerCycle } from "./power.ts";
import { ServedStream, type StreamPeer } from "./served-stream.ts";

/** A packet between a phone and the board beside it. */
export const AIR_MS = 4;
/** ESP-IDF's, until the firmware says otherwise. */
const DEFAULT_ADDRESS = "192.168.4.1";
/** From the order to the first beacon that a phone hears. */
const START_MS = 300;

/** The board's own network, and what it serves there. */
export class SoftAp {
  readonly #world: World;
  readonly #name: string;
  /** lwIP's are all in use: nothing can be sent to a phone. */
  hasNoBuffer = false;
  #network: { readonly ssid: string; readonly password: string } | undefined;
  #address = DEFAULT_ADDRESS;
  #power: PowerCycle | undefined;
  /** Targets of sockets by their port. */
  readonly #datagramPorts = new Map<number, number>();
  readonly #listenerPorts = new Map<number, number>();
  readonly #waiting: number[] = [];
  readonly #streams = new Map<number, ServedStream>();
  readonly #questions = new Map<number, (bytes: Uint8Array) => void>();
  #phones: (() => void)[] = [];
  #nextHandle = 1;

  constructor(world: World, name: string) {
    this.#world = world;
    this.#name = name;
  }

  /** What a phone sees in its list. */
  get ssid(): string | undefined {
    return this.#network?.ssid;
  }

  /** Also who leases addresses and who is asked for names. */
  get address(): string {
    return this.#address;
  }

  /** False: another password. `dropped` once, when the network is gone. */
  associate(ssid: string, password: string, dropped: () => void): boolean {
    if (this.#network?.ssid !== ssid || this.#network.password !== password) return false;
    this.#phones.push(dropped);
    return true;
  }

  /** A datagram from a port of a phone. */
  ask(portNumber: number, bytes: Uint8Array, answered: (bytes: Uint8Array) => void): void {
    const from = this.#nextHandle++;
    this.#questions.set(from, answered);
    this.#power?.after(AIR_MS, () => {
      const target = this.#datagramPorts.get(portNumber);
      if (target !== undefined) this.#power?.emit(target, "readable", bytes, "4.3.2.2", from);
    });
  }

  /** Undefined: nobody listens there. */
  connect(portNumber: number, peer: StreamPeer): ServedStream | undefined {
    const listener = this.#listenerPorts.get(portNumber);
    if (this.#power === undefined || listener === undefined) return undefined;
    const handle = this.#nextHandle++;
    const stream = new ServedStream(this.#world, this.#power, peer, () =>
      this.#streams.delete(handle),
    );
    this.#streams.set(handle, stream);
    this.#power.after(AIR_MS, () => {
      this.#waiting.push(handle);
      this.#power?.emit(listener, "readable", 1);
    });
    return stream;
  }

  /** The radio has gone to another channel, and whoever was there has to find it again. */
  changeChannel(): void {
    const phones = this.#phones;
    this.#phones = [];
    for (const stream of [...this.#streams.values()]) stream.vanish();
    for (const dropped of phones) this.#world.after(0, dropped);
  }

  open(power: PowerCycle, ssid: string, password: string): void {
    power.after(START_MS, () => {
      this.#network = { ssid, password };
      this.#world.trace.add(this.#world.nowMs, this.#name, `access point ${ssid}`);
    });
  }

  close(): void {
    this.#network = undefined;
    this.changeChannel();
  }

  calls(power: PowerCycle): BoardCalls {
    this.#power = power;
    power.atEnd(() => this.#end());
    return {
      "access_point.address": (...parts) => {
        this.#address = parts.map(Number).join(".");
        return 0;
      },
      "udp.open": (target, port) => void this.#datagramPorts.set(Number(port), Number(target)),
      "udp.write": (_target, bytes, _address, port) => {
        if (this.hasNoBuffer) throw new Error("UDP send failed");
        this.#reply(Number(port), bytes as Uint8Array);
      },
      "listener.open": (target, port) => void this.#listenerPorts.set(Number(port), Number(target)),
      "listener.read": () => this.#waiting.shift() ?? 0,
      "served_stream.attach": (target, handle) =>
        this.#streams.get(Number(handle))?.attach(Number(target)),
      "served_stream.write": (handle, bytes) =>
        this.#streams.get(Number(handle))?.write(bytes as Uint8Array) ?? 0,
      "served_stream.close": (handle) => this.#streams.get(Number(handle))?.close(),
    };
  }

  #reply(port: number, bytes: Uint8Array): void {
    const answered = this.#questions.get(port);
    this.#questions.delete(port);
    const copy = Uint8Array.from(bytes);
    this.#world.after(AIR_MS, () => answered?.(copy));
  }

  #end(): void {
    this.close();
    this.#address = DEFAULT_ADDRESS;
    this.#power = undefined;
    this.#waiting.length = 0;
    for (const sockets of [this.#datagramPorts, this.#listenerPorts, this.#questions])
      sockets.clear();
  }
}

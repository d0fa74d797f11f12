import type { World } from "../world.ts";
import type { PowerCycle } from "./power.ts";

/** TCP_SND_BUF of the SDK's lwIP: what may be written before any of it has arrived. */
const SEND_BUFFER_BYTES = 8_192;
/** TCP_MSS: what comes as one event. */
const SEGMENT_BYTES = 1_436;
const AIR_MS = 4;
/** An ESP32's network of its own moves some 1 MB/s at arm's length. */
const BYTES_PER_MS = 1_000;

/** The other end, where a phone is. */
export interface StreamPeer {
  received(bytes: Uint8Array): void;
  /** Once, by whichever end; not where the phone closed it itself. */
  closed(): void;
}

/** A TCP connection that somebody opened to the board. */
export class ServedStream {
  readonly #world: World;
  readonly #power: PowerCycle;
  readonly #peer: StreamPeer;
  readonly #over: () => void;
  #target: number | undefined;
  /** Came before the firmware took the connection. */
  readonly #early: Uint8Array[] = [];
  #unsentBytes = 0;
  #sentAtMs = 0;
  #isOpen = true;

  constructor(world: World, power: PowerCycle, peer: StreamPeer, over: () => void) {
    this.#world = world;
    this.#power = power;
    this.#peer = peer;
    this.#over = over;
  }

  /** From the phone. */
  send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += SEGMENT_BYTES) {
      const segment = bytes.slice(at, at + SEGMENT_BYTES);
      this.#power.after(AIR_MS, () => this.#arrive(segment));
    }
  }

  /** By the phone, in order behind what it sent. */
  hangUp(): void {
    this.#power.after(AIR_MS, () => {
      if (!this.#isOpen) return;
      this.#end();
      if (this.#target !== undefined) this.#power.emit(this.#target, "error");
    });
  }

  /** Neither end hears of the other any more. */
  vanish(): void {
    if (!this.#isOpen) return;
    this.#end();
    if (this.#target !== undefined) this.#power.emit(this.#target, "error");
    this.#world.after(0, () => this.#peer.closed());
  }

  /** The firmware takes it. */
  attach(target: number): void {
    this.#target = target;
    this.#power.after(0, () => {
      for (const segment of this.#early.splice(0)) this.#power.emit(target, "readable", segment);
      if (this.#isOpen) this.#power.emit(target, "writable", SEND_BUFFER_BYTES);
    });
  }

  write(bytes: Uint8Array): number {
    const room = SEND_BUFFER_BYTES - this.#unsentBytes;
    if (bytes.length > room) throw new Error("would block");
    if (!this.#isOpen) return 0;
    this.#unsentBytes += bytes.length;
    const { nowMs } = this.#power;
    this.#sentAtMs = Math.max(nowMs, this.#sentAtMs) + bytes.length / BYTES_PER_MS;
    const copy = Uint8Array.from(bytes);
    this.#world.after(this.#sentAtMs - this.#world.nowMs + AIR_MS, () => this.#peer.received(copy));
    this.#power.after(this.#sentAtMs - nowMs + AIR_MS, () => {
      this.#unsentBytes -= copy.length;
      if (this.#isOpen && this.#target !== undefined) {
        this.#power.emit(this.#target, "writable", SEND_BUFFER_BYTES - this.#unsentBytes);
      }
    });
    return room - bytes.length;
  }

  /** By the firmware, behind what it wrote. */
  close(): void {
    if (!this.#isOpen) return;
    this.#end();
    const lastMs = Math.max(this.#world.nowMs, this.#sentAtMs);
    this.#world.after(lastMs - this.#world.nowMs + AIR_MS, () => this.#peer.closed());
  }

  #arrive(segment: Uint8Array): void {
    if (!this.#isOpen) return;
    if (this.#target === undefined) this.#early.push(segment);
    else this.#power.emit(this.#target, "readable", segment);
  }

  #end(): void {
    this.#isOpen = false;
    this.#over();
  }
}

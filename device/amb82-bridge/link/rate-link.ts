import {
  CONTROL,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
  frameType,
  readUint32,
  writeFrameStart,
  writeUint32,
} from "./frame.ts";
import type { FrameWire } from "./frame-wire.ts";
import {
  BASE_RATE,
  isNegotiating,
  type RateEffect,
  type RateInput,
  type RateState,
  rateDueMs,
  steadyAt,
  stepRate,
} from "./rate-switch.ts";

/** An end that hears nothing intact for so long at another rate than 115200 goes back to it. */
const DEAF_MS = 500;
const RATE_PAYLOAD_BYTES = 5;
/** Number and echo, then alternating bits: the hardest pattern for a clock that is off. */
const PROBE_PAYLOAD_BYTES = 32;
const ACCEPT = 1;

/** Runs stepRate on a wire: its frames, its switch, and when to give a rate up. */
export class RateLink {
  readonly #wire: FrameWire;
  readonly #bauds: readonly number[];
  readonly #leads: boolean;
  readonly #toSend: Extract<RateEffect, { kind: "propose" | "accept" | "probe" }>[] = [];
  #state: RateState = steadyAt([]);
  #bitsPerSecond = BASE_RATE;
  #noiseSeen = 0;
  #noisySinceMs = Number.POSITIVE_INFINITY;
  #noiseAtMs = Number.NEGATIVE_INFINITY;

  constructor(wire: FrameWire, bauds: readonly number[], leads: boolean) {
    this.#wire = wire;
    this.#bauds = bauds;
    this.#leads = leads;
  }

  get bitsPerSecond(): number {
    return this.#bitsPerSecond;
  }

  get negotiating(): boolean {
    return isNegotiating(this.#state);
  }

  /** The other end may be at the other rate: nothing but this negotiation's own frames would be understood. */
  get silent(): boolean {
    return this.negotiating && this.#state.kind !== "proposing";
  }

  /** A new start, with the rates that the other end lists. */
  reset(theirs: readonly number[]): void {
    const common = this.#bauds.filter((rate) => rate > BASE_RATE && theirs.includes(rate));
    const highestFirst = common.sort((a, b) => b - a);
    this.#state = steadyAt(this.#leads ? highestFirst : []);
    this.#toSend.length = 0;
    this.setRate(BASE_RATE);
  }

  /** False when this frame is none of the negotiation's. `quiet`: nothing of this end is in flight. */
  take(frame: Uint8Array, end: number, quiet: boolean, nowMs: number): boolean {
    const type = frameType(frame);
    const payloadBytes = end - FRAME_HEADER_BYTES;
    if (type === FRAME_TYPE.rate) {
      if (payloadBytes >= RATE_PAYLOAD_BYTES) this.takeRate(frame, quiet, nowMs);
      return true;
    }
    if (type !== FRAME_TYPE.probe) return false;
    if (payloadBytes >= PROBE_PAYLOAD_BYTES) {
      const number = frame[FRAME_HEADER_BYTES] as number;
      const echo = frame[FRAME_HEADER_BYTES + 1] === 1;
      this.step({ kind: "probed", number, echo }, nowMs);
    }
    return true;
  }

  /** `waitingSinceMs`: since when an acknowledgement is missing, or Infinity. */
  tick(waitingSinceMs: number, heardAtMs: number, quiet: boolean, nowMs: number): void {
    this.listen(heardAtMs, nowMs);
    if (this.#state.kind === "accepting" && this.#toSend.length === 0 && this.#wire.sent()) {
      this.step({ kind: "sent" }, nowMs);
    }
    if (quiet && this.hasBetter()) this.step({ kind: "idle" }, nowMs);
    if (nowMs >= rateDueMs(this.#state)) this.step({ kind: "tick" }, nowMs);
    if (nowMs >= this.deafAtMs(waitingSinceMs, heardAtMs)) this.step({ kind: "deaf" }, nowMs);
  }

  nextDueMs(waitingSinceMs: number, heardAtMs: number): number {
    // The end of the transmission is not announced: look every millisecond.
    if (this.#state.kind === "accepting") return 0;
    return Math.min(rateDueMs(this.#state), this.deafAtMs(waitingSinceMs, heardAtMs));
  }

  /** Writes the next frame of the negotiation; answers its length, 0 for none. */
  compose(frame: Uint8Array): number {
    const next = this.#toSend.shift();
    if (next === undefined) return 0;
    const at = FRAME_HEADER_BYTES;
    if (next.kind === "probe") {
      writeFrameStart(frame, FRAME_TYPE.probe, CONTROL, 0, false);
      for (let index = 0; index < PROBE_PAYLOAD_BYTES; index++) {
        frame[at + index] = index % 2 === 0 ? 0x55 : 0xaa;
      }
      frame[at] = next.number;
      frame[at + 1] = next.echo ? 1 : 0;
      return at + PROBE_PAYLOAD_BYTES;
    }
    writeFrameStart(frame, FRAME_TYPE.rate, CONTROL, 0, false);
    writeUint32(frame, at, next.rate);
    frame[at + 4] = next.kind === "accept" ? ACCEPT : 0;
    return at + RATE_PAYLOAD_BYTES;
  }

  private hasBetter(): boolean {
    const { kind } = this.#state;
    return (
      kind === "steady" && this.#bitsPerSecond === BASE_RATE && this.#state.candidates.length > 0
    );
  }

  private takeRate(frame: Uint8Array, quiet: boolean, nowMs: number): void {
    const rate = readUint32(frame, FRAME_HEADER_BYTES);
    const accepted = frame[FRAME_HEADER_BYTES + 4] === ACCEPT;
    if (accepted) this.step({ kind: "accepted", rate }, nowMs);
    else if (quiet && this.#bauds.includes(rate)) this.step({ kind: "proposed", rate }, nowMs);
  }

  private step(input: RateInput, nowMs: number): void {
    const { state, effects } = stepRate(this.#state, input, nowMs);
    this.#state = state;
    for (const effect of effects) {
      if (effect.kind === "set_rate") this.setRate(effect.rate);
      else this.#toSend.push(effect);
    }
  }

  private setRate(bitsPerSecond: number): void {
    if (bitsPerSecond === this.#bitsPerSecond) return;
    this.#bitsPerSecond = bitsPerSecond;
    this.#wire.setRate(bitsPerSecond);
    this.#noiseSeen = this.#wire.noise();
    this.#noisySinceMs = Number.POSITIVE_INFINITY;
  }

  private listen(heardAtMs: number, nowMs: number): void {
    const noise = this.#wire.noise();
    if (noise !== this.#noiseSeen) {
      this.#noiseAtMs = nowMs;
      this.#noisySinceMs = Math.min(this.#noisySinceMs, nowMs);
    }
    if (heardAtMs === nowMs) this.#noisySinceMs = Number.POSITIVE_INFINITY;
    this.#noiseSeen = noise;
  }

  private deafAtMs(waitingSinceMs: number, heardAtMs: number): number {
    if (this.#state.kind !== "steady" || this.#bitsPerSecond === BASE_RATE) {
      return Number.POSITIVE_INFINITY;
    }
    // One glitch on a quiet line is none: noise counts when there is more of it after all that time.
    const noisyMs = this.#noiseAtMs - this.#noisySinceMs;
    if (noisyMs >= DEAF_MS) return this.#noiseAtMs;
    return Math.max(waitingSinceMs, heardAtMs) + DEAF_MS;
  }
}

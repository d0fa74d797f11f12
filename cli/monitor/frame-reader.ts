import { DATA_PREFIX_BYTES } from "../../device/amb82-bridge/link/bulk-sender.ts";
import {
  FRAME_CRC_BYTES,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
  frameAck,
  frameChannel,
  frameCredit,
  frameSack,
  frameSequence,
  frameType,
  hasMore,
  isNumbered,
  readUint16,
  readUint32,
} from "../../device/amb82-bridge/link/frame.ts";
import { FrameDecoder } from "../../device/amb82-bridge/link/frame-codec.ts";
import { MESSAGE_BYTES_MAX } from "../../device/amb82-bridge/link/link-messages.ts";
import { BASE_RATE } from "../../device/amb82-bridge/link/rate-switch.ts";
import { parseRecord } from "../../protocol/json.ts";
import type { MonitoredLine } from "./monitored-line.ts";
import { safeText } from "./safe-text.ts";

const NAMES = new Map<number, string>(
  Object.entries(FRAME_TYPE).map(([name, type]) => [type, name]),
);
/** Both ends give a faster rate up after half a second of noise: docs/link.md, "Rate". */
const NOISY_FOR_MS = 500;
const TEXT_MAX = 300;
/** What any serial port takes: a port that refuses a rate is closed. */
const RATE_MAX = 3_000_000;

/** One wire of the camera link (docs/link.md), frame by frame; follows the rate that its ends agree on. */
export class FrameReader {
  readonly #decoder = new FrameDecoder();
  readonly #nowMs: () => number;
  readonly #show: (line: MonitoredLine) => void;
  readonly #setRate: (bitsPerSecond: number) => void;
  #rate = BASE_RATE;
  /** Of the first noise since the last intact frame. */
  #noisySinceMs: number | undefined;
  #message: number[] = [];
  #lastControl = -1;

  constructor(
    nowMs: () => number,
    show: (line: MonitoredLine) => void,
    setRate: (bitsPerSecond: number) => void,
  ) {
    this.#nowMs = nowMs;
    this.#show = show;
    this.#setRate = setRate;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const noiseBefore = this.#decoder.noise;
      at += this.#decoder.decode(bytes, at, bytes.length);
      const runs = this.#decoder.noise - noiseBefore;
      if (runs > 0) this.#hearNoise(runs);
      if (this.#decoder.frameLength > 0) this.#hearFrame();
    }
  }

  #hearNoise(runs: number): void {
    this.#say("warn", runs === 1 ? "noise" : `${runs} runs of noise`);
    const nowMs = this.#nowMs();
    this.#noisySinceMs ??= nowMs;
    if (nowMs - this.#noisySinceMs >= NOISY_FOR_MS) this.#change(BASE_RATE);
  }

  #hearFrame(): void {
    const { frame, frameLength } = this.#decoder;
    this.#noisySinceMs = undefined;
    const payload = frame.subarray(FRAME_HEADER_BYTES, frameLength - FRAME_CRC_BYTES);
    const type = frameType(frame);
    const name = NAMES.get(type) ?? `type ${type}`;
    const channel = frameChannel(frame) === 0 ? "control" : "bulk";
    const number = isNumbered(type) ? ` #${frameSequence(frame)}` : "";
    const sack = frameSack(frame);
    const arrived = sack === 0 ? "" : ` sack ${sack.toString(2).padStart(8, "0")}`;
    const header = `${channel}${number} ack ${frameAck(frame)}${arrived} credit ${frameCredit(frame)}`;
    const what = this.#payloadText(type, frame, payload);
    this.#say("info", `${header}: ${what === undefined ? name : `${name} ${what}`}`);
    if (type === FRAME_TYPE.rate && payload.length >= 5) this.#change(readUint32(payload, 0));
  }

  #payloadText(type: number, frame: Uint8Array, payload: Uint8Array): string | undefined {
    if (type === FRAME_TYPE.rate && payload.length >= 5) {
      return `${readUint32(payload, 0)} baud, ${payload[4] === 0 ? "proposed" : "accepted"}`;
    }
    if (type === FRAME_TYPE.data && payload.length >= DATA_PREFIX_BYTES) {
      const count = payload.length - DATA_PREFIX_BYTES;
      return `object ${readUint16(payload, 0)} at ${readUint32(payload, 2)}: ${count} bytes`;
    }
    const isMessage = type === FRAME_TYPE.hello || (type >= FRAME_TYPE.command && type < 32);
    return isMessage ? this.#messageText(frame, payload) : undefined;
  }

  /** A message may come in several frames, and each of them again. */
  #messageText(frame: Uint8Array, payload: Uint8Array): string {
    const isHello = frameType(frame) === FRAME_TYPE.hello;
    const sequence = isHello ? -1 : frameSequence(frame);
    if (!isHello && sequence === this.#lastControl) return "(again)";
    this.#lastControl = sequence;
    if (this.#message.length + payload.length <= MESSAGE_BYTES_MAX) this.#message.push(...payload);
    if (hasMore(frame)) return "(more follows)";
    const text = String.fromCharCode(...this.#message);
    this.#message = [];
    return messageText(text);
  }

  #change(bitsPerSecond: number): void {
    if (bitsPerSecond === this.#rate || bitsPerSecond < BASE_RATE || bitsPerSecond > RATE_MAX)
      return;
    this.#rate = bitsPerSecond;
    this.#noisySinceMs = undefined;
    this.#say("info", `listens at ${bitsPerSecond} baud`);
    this.#setRate(bitsPerSecond);
  }

  #say(level: "info" | "warn", text: string): void {
    this.#show({ kind: "frame", level, tag: "link", text });
  }
}

/** As JSON, without what is secret in it. */
function messageText(text: string): string {
  const message = parseRecord(text);
  if (message === undefined) return `${text.length} bytes that are no message`;
  const shown = JSON.stringify(message, (key, value) => (isSecret(key) ? "***" : value));
  return safeText(shown).slice(0, TEXT_MAX);
}

/** A network's passphrase; the headers of an upload, which prove who asks; its URL, which may do the same. */
function isSecret(key: string): boolean {
  return key === "passphrase" || key === "headers" || key === "url";
}

/** Control payloads are JSON in ASCII: rare, readable in a capture, and open to new fields. docs/link.md lists them. */
import { isCaptureId, isSha256Hex } from "../../../protocol/ids.ts";
import { parseRecord } from "../../../protocol/json.ts";

/** An upload's URL and headers are the longest: about 1.2 KB. */
export const MESSAGE_BYTES_MAX = 2048;

export interface Hello {
  readonly protocol: 1;
  readonly firmware: string;
  /** What a camera can do: "still", "clip". */
  readonly capabilities: readonly string[];
  /** New at each start of that end: both forget their sequence numbers when it changes. */
  readonly bootId: string;
  /** The largest frame it takes, header to CRC. */
  readonly maxFrame: number;
  /** Bulk frames it can hold out of order, plus one. */
  readonly window: number;
  /** Bytes of its receive buffer. */
  readonly buffer: number;
  readonly bauds: readonly number[];
  /** An answer is not answered. */
  readonly answer: boolean;
}

/** Levels of the AMB82-Mini's encoder, and its own choice. */
const QUALITY_MAX = 9;
const QUALITY_USUAL = 5;

export type MediaKind = "still" | "clip";

export type Command =
  /** Quality of the JPEGs: 1 to 9. */
  | { readonly op: "photo"; readonly captureId: string; readonly quality: number }
  | {
      readonly op: "clip";
      readonly captureId: string;
      readonly seconds: number;
      readonly quality: number;
    }
  | { readonly op: "status" }
  | {
      readonly op: "upload";
      readonly id: number;
      readonly url: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
    }
  | { readonly op: "sleep" }
  | { readonly op: "wifi_stage"; readonly ssid: string; readonly passphrase: string }
  | { readonly op: "wifi_commit" }
  | { readonly op: "wifi_abort" };

/** The answer to a command; photo and clip answer with an offer when they succeed. */
export interface Result {
  readonly op: string;
  readonly ok: boolean;
  /** A reason of docs/link.md. */
  readonly reason?: string;
  readonly captureId?: string;
  readonly id?: number;
  /** HTTP status of an upload. */
  readonly status?: number;
  readonly uptimeMs?: number;
  readonly objects?: number;
  readonly wifi?: string;
}

/** An object the camera holds; its bytes are read by offset. */
export interface Offer {
  readonly id: number;
  readonly captureId: string;
  readonly kind: MediaKind;
  readonly size: number;
  readonly sha256: string;
  readonly contentType: string;
  /** Milliseconds since it was taken. */
  readonly ageMs: number;
}

export interface Read {
  readonly id: number;
  readonly fileOffsetBytes: number;
}

/** Of done and cancel. */
export interface Ended {
  readonly id: number;
}

export type LinkMessage = Hello | Command | Result | Offer | Read | Ended;

export function asciiJson(message: LinkMessage): string {
  const text = JSON.stringify(message);
  // Almost always nothing to escape; an SSID may hold anything.
  return isAscii(text) ? text : escapeOthers(text);
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 0x7e) return false;
  }
  return true;
}

function escapeOthers(text: string): string {
  let ascii = "";
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    ascii += code > 0x7e ? `\\u${code.toString(16).padStart(4, "0")}` : text[at];
  }
  return ascii;
}

/** Undefined for what is no JSON object. */
export function decodeRecord(
  bytes: Uint8Array,
  start: number,
  end: number,
): Record<string, unknown> | undefined {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number);
  return parseRecord(text);
}

export function parseHello(record: Record<string, unknown>): Hello | undefined {
  const { protocol, firmware, capabilities, bootId, maxFrame, window, buffer, bauds, answer } =
    record;
  if (protocol !== 1 || typeof firmware !== "string" || typeof bootId !== "string")
    return undefined;
  if (!isCount(maxFrame) || !isCount(window) || !isCount(buffer) || window === 0) return undefined;
  return {
    protocol,
    firmware,
    capabilities: listOf(capabilities, (value) => typeof value === "string"),
    bootId,
    maxFrame,
    window,
    buffer,
    bauds: listOf(bauds, isCount),
    answer: answer === true,
  };
}

export function parseCommand(record: Record<string, unknown>): Command | undefined {
  const { op, captureId, seconds, id, url, ssid, passphrase } = record;
  switch (op) {
    case "status":
    case "sleep":
    case "wifi_commit":
    case "wifi_abort":
      return { op };
    case "photo":
      return typeof captureId === "string"
        ? { op, captureId, quality: qualityIn(record) }
        : undefined;
    case "clip":
      return typeof captureId === "string" && isCount(seconds)
        ? { op, captureId, seconds, quality: qualityIn(record) }
        : undefined;
    case "upload":
      return isCount(id) && typeof url === "string"
        ? { op, id, url, headers: listOf(record.headers, isHeader) }
        : undefined;
    case "wifi_stage":
      return typeof ssid === "string" && typeof passphrase === "string"
        ? { op, ssid, passphrase }
        : undefined;
    default:
      return undefined;
  }
}

/** A feeder of before says none, one of later perhaps more: a photo matters more than its quality. */
function qualityIn({ quality }: Record<string, unknown>): number {
  return isCount(quality) && quality >= 1 && quality <= QUALITY_MAX ? quality : QUALITY_USUAL;
}

export function parseResult(record: Record<string, unknown>): Result | undefined {
  const { op, ok, reason, captureId, id, status, uptimeMs, objects, wifi } = record;
  if (typeof op !== "string" || typeof ok !== "boolean") return undefined;
  return {
    op,
    ok,
    ...(typeof reason === "string" ? { reason } : {}),
    ...(typeof captureId === "string" ? { captureId } : {}),
    ...(isCount(id) ? { id } : {}),
    ...(isCount(status) ? { status } : {}),
    ...(isCount(uptimeMs) ? { uptimeMs } : {}),
    ...(isCount(objects) ? { objects } : {}),
    ...(typeof wifi === "string" ? { wifi } : {}),
  };
}

export function parseOffer(record: Record<string, unknown>): Offer | undefined {
  const { id, captureId, kind, size, sha256, contentType, ageMs } = record;
  if (!isObjectId(id) || !isCount(size) || !isSha256Hex(sha256)) return undefined;
  if (kind !== "still" && kind !== "clip") return undefined;
  if (!isCaptureId(captureId) || !isContentType(contentType)) return undefined;
  return { id, captureId, kind, size, sha256, contentType, ageMs: isCount(ageMs) ? ageMs : 0 };
}

export function parseRead(record: Record<string, unknown>): Read | undefined {
  const { id, fileOffsetBytes } = record;
  return isObjectId(id) && isCount(fileOffsetBytes) ? { id, fileOffsetBytes } : undefined;
}

export function parseEnded(record: Record<string, unknown>): Ended | undefined {
  const { id } = record;
  return isObjectId(id) ? { id } : undefined;
}

/** The same still or clip, whatever id it has after a new start. */
export function isSameObject(a: Offer, b: Offer): boolean {
  return a.captureId === b.captureId && a.size === b.size && a.sha256 === b.sha256;
}

function isContentType(value: unknown): value is string {
  return typeof value === "string" && /^[a-z]{1,16}\/[a-z0-9.+-]{1,48}$/.test(value);
}

/** Data frames carry an object's id in 16 bits and offsets in 32. */
function isObjectId(value: unknown): value is number {
  return isCount(value) && value <= 0xffff;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffffff;
}

function isHeader(value: unknown): value is readonly [string, string] {
  return (
    Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === "string")
  );
}

function listOf<Item>(value: unknown, is: (item: unknown) => item is Item): Item[] {
  return Array.isArray(value) ? value.filter(is) : [];
}

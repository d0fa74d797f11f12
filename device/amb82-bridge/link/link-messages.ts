/** Control payloads are JSON in ASCII: rare, readable in a capture, and open to new fields. */
import { isSha256Hex } from "../../../protocol/ids.ts";
import { parseRecord } from "../../../protocol/json.ts";

export interface Hello {
  readonly protocol: 1;
  readonly firmware: string;
  /** New at each start of that side: both ends forget their sequence numbers when it changes. */
  readonly bootId: string;
  /** An answer is not answered. */
  readonly answer: boolean;
}

export type Command =
  | { readonly op: "photo"; readonly captureId: string }
  | { readonly op: "sleep" };

/** An object the camera holds; its bytes are read by offset. */
export interface Offer {
  readonly id: number;
  readonly captureId: string;
  readonly kind: "still";
  readonly size: number;
  readonly sha256: string;
  readonly contentType: string;
}

export interface Read {
  readonly id: number;
  readonly fileOffsetBytes: number;
}

interface Done {
  readonly id: number;
  readonly ok: boolean;
}

export type LinkMessage = Hello | Command | Offer | Read | Done;

/** Answers how many bytes were written. Characters above 0x7e become `?`: control payloads are ASCII. */
export function encodeLinkMessage(message: LinkMessage, into: Uint8Array, at: number): number {
  const text = JSON.stringify(message);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    into[at + index] = code < 0x7f ? code : 0x3f;
  }
  return text.length;
}

function decodeRecord(bytes: Uint8Array, start: number, end: number) {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] as number);
  return parseRecord(text);
}

export function decodeHello(bytes: Uint8Array, start: number, end: number): Hello | undefined {
  const { protocol, firmware, bootId, answer } = decodeRecord(bytes, start, end) ?? {};
  if (protocol !== 1 || typeof firmware !== "string" || typeof bootId !== "string")
    return undefined;
  return { protocol, firmware, bootId, answer: answer === true };
}

export function decodeCommand(bytes: Uint8Array, start: number, end: number): Command | undefined {
  const { op, captureId } = decodeRecord(bytes, start, end) ?? {};
  if (op === "sleep") return { op };
  return op === "photo" && typeof captureId === "string" ? { op, captureId } : undefined;
}

export function decodeOffer(bytes: Uint8Array, start: number, end: number): Offer | undefined {
  const { id, captureId, kind, size, sha256, contentType } = decodeRecord(bytes, start, end) ?? {};
  if (!isCount(id) || !isCount(size) || kind !== "still" || !isSha256Hex(sha256)) return undefined;
  if (typeof captureId !== "string" || typeof contentType !== "string") return undefined;
  return { id, captureId, kind, size, sha256, contentType };
}

export function decodeRead(bytes: Uint8Array, start: number, end: number): Read | undefined {
  const { id, fileOffsetBytes } = decodeRecord(bytes, start, end) ?? {};
  return isCount(id) && isCount(fileOffsetBytes) ? { id, fileOffsetBytes } : undefined;
}

export function decodeDone(bytes: Uint8Array, start: number, end: number): Done | undefined {
  const { id, ok } = decodeRecord(bytes, start, end) ?? {};
  return isCount(id) && typeof ok === "boolean" ? { id, ok } : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

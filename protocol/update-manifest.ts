import { isSha256Hex } from "./ids.ts";
import { parseRecord } from "./json.ts";
import { parseSemVer } from "./semver.ts";

/** What a signature vouches for: which image, for which boards, in which order, until when. */
export interface UpdateManifest {
  readonly product: string;
  /** The board the image is built for, for example "feeder". */
  readonly board: string;
  readonly chip: Chip;
  readonly channel: Channel;
  /** SemVer; the same as in the image. */
  readonly version: string;
  /** Counts what the publisher ever signed: a feeder takes no lower one. */
  readonly sequence: number;
  /** Bytes of the image. */
  readonly size: number;
  readonly sha256: string;
  /** app_elf_sha256 of the image: the name of a build, whatever its version says. */
  readonly elfSha256: string;
  /** The lowest version it may be installed over. */
  readonly minimumVersion: string;
  readonly issuedMs: number;
  readonly expiresMs: number;
  readonly notes: string;
}

/** ESP-IDF's names. */
export const CHIPS = [
  "esp32",
  "esp32s2",
  "esp32s3",
  "esp32c2",
  "esp32c3",
  "esp32c5",
  "esp32c6",
  "esp32c61",
  "esp32h2",
  "esp32h21",
  "esp32h4",
  "esp32p4",
] as const;
export type Chip = (typeof CHIPS)[number];

export const CHANNELS = ["alpha", "beta", "stable"] as const;
export type Channel = (typeof CHANNELS)[number];

/** Escaped they take twice as many at most: what is signed must fit a feeder's NVS. */
export const NOTES_CHARACTERS_MAX = 512;

/** A name of product or board: it stands in the image's 32 bytes and in URLs. */
export function isProductName(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9_.-]{0,30}$/.test(value);
}

export function isChip(value: unknown): value is Chip {
  return CHIPS.some((chip) => chip === value);
}

export function isChannel(value: unknown): value is Channel {
  return CHANNELS.some((channel) => channel === value);
}

/** The payload of a manifest's JWS; undefined for anything that is none. */
export function parseUpdateManifest(payload: string): UpdateManifest | undefined {
  const fields = parseRecord(payload);
  if (fields === undefined) return undefined;
  const { product, board, chip, channel, version, sequence, size, sha256, elfSha256 } = fields;
  const { minimumVersion, notes } = fields;
  const issuedMs = timeOf(fields.issued);
  const expiresMs = timeOf(fields.expires);
  if (!isProductName(product) || !isProductName(board)) return undefined;
  if (!isChip(chip) || !isChannel(channel)) return undefined;
  if (!isVersion(version) || !isVersion(minimumVersion)) return undefined;
  if (!isPositive(sequence) || !isPositive(size)) return undefined;
  if (!isSha256Hex(sha256) || !isSha256Hex(elfSha256)) return undefined;
  if (issuedMs === undefined || expiresMs === undefined) return undefined;
  if (typeof notes !== "string" || notes.length > NOTES_CHARACTERS_MAX) return undefined;
  const what = { product, board, chip, channel, version, sequence, size, sha256, elfSha256 };
  return { ...what, minimumVersion, issuedMs, expiresMs, notes };
}

/** The JSON that is signed: ASCII, so that a feeder needs no decoder before it trusts the bytes. */
export function formatUpdateManifest(manifest: UpdateManifest): string {
  const { issuedMs, expiresMs, ...fields } = manifest;
  const issued = new Date(issuedMs).toISOString();
  const expires = new Date(expiresMs).toISOString();
  return JSON.stringify({ ...fields, issued, expires }).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function isVersion(value: unknown): value is string {
  return typeof value === "string" && parseSemVer(value) !== undefined;
}

function isPositive(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function timeOf(value: unknown): number | undefined {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return undefined;
  const timeMs = Date.parse(value);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

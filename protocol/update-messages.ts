/** What feeders and server say to each other about updates. Snake case is the first stack's. */
import { isSha256Hex } from "./ids.ts";
import { isRecord, parseRecord } from "./json.ts";
import { JWS_CHARACTERS_MAX } from "./jws.ts";
import type { UpdateReason } from "./update-reasons.ts";

/** A release on offer. Only `jws` is trusted; the rest is for clients that check no signature. */
export interface OfferedManifest {
  readonly jws: string;
  readonly url: string;
  readonly size: number;
  readonly sha256: string;
  readonly version: string;
}

/** POST /api/v1/check-update. The first stack's clients send `mac`, `current_version` and `labels` only. */
export interface CheckUpdateRequest {
  readonly deviceId: string;
  readonly current_version: string;
  readonly labels: readonly string[];
  readonly board: string;
  readonly chip: string;
  readonly channel: string;
  /** app_elf_sha256 of what runs. */
  readonly elfSha256: string;
  /** What the slot it would be written to holds. */
  readonly slotBytes: number;
  /** The highest sequence accepted so far. */
  readonly sequence: number;
  /** What must not be offered. */
  readonly ledger: readonly LedgerEntry[];
}

/** What a feeder knows of a build it has tried. */
export interface LedgerEntry {
  readonly elfSha256: string;
  /** Of the manifest it was last tried with. */
  readonly sequence: number;
  /** How often it was restarted into with that manifest. */
  readonly installs: number;
  /** `image`: never again. `environment`: again once, then under a higher sequence only. `open`: not decided. */
  readonly verdict: "open" | "image" | "environment";
}

export interface CheckUpdateAnswer {
  readonly update_available: boolean;
  readonly manifest?: OfferedManifest;
  readonly nextCheckSeconds?: number;
  /** RFC 3339. */
  readonly time: string;
}

/** POST /v1/ota/heartbeat; `nonce` is the health gate's: the answer must carry it back. */
export interface OtaHeartbeat {
  readonly deviceId: string;
  readonly version: string;
  readonly elfSha256?: string;
  readonly slot?: number;
  readonly bootCount?: number;
  /** Of the update; "failed" asks for a roll-back in the first stack. */
  readonly status?: string;
  readonly nonce?: string;
}

/** POST /api/v1/report-status: what became of an update, repeated until it is answered with 2xx. */
export interface UpdateReport {
  /** Names this result of this feeder for ever: a repetition is recognised by it. */
  readonly reportId: string;
  readonly deviceId: string;
  readonly mac: string;
  readonly version: string;
  readonly elfSha256: string;
  readonly sequence: number;
  readonly status: UpdateOutcome;
  readonly error?: UpdateReason;
}

export type UpdateOutcome = "confirmed" | "rolled_back" | "failed" | "refused";

export type UpdateStage =
  | "offered"
  | "waiting"
  | "downloading"
  | "verified"
  | "staged"
  | "restarting"
  | "pending"
  | UpdateOutcome;

/** `event.ota` in the room. */
export interface UpdateEventPayload {
  readonly status: UpdateStage;
  readonly version: string;
  readonly elfSha256?: string;
  readonly sequence?: number;
  readonly reason?: UpdateReason;
  readonly fileOffsetBytes?: number;
  readonly sizeBytes?: number;
}

/** `cmd.ota` in the room. */
export type UpdateCommand =
  | { readonly action: "update"; readonly manifest?: OfferedManifest; readonly force: boolean }
  | { readonly action: "unsigned"; readonly image: UnsignedImage; readonly force: boolean }
  | { readonly action: "revert"; readonly elfSha256: string | undefined }
  | { readonly action: "safe_mode" }
  | { readonly action: "restart" };

/** Beside the longest manifest it fits a value of NVS; our own have a token of 300. */
const URL_CHARACTERS_MAX = 1_024;
/** As in the image's description. */
const VERSION_CHARACTERS_MAX = 31;

/** The first stack's command; only a development build takes it. */
export interface UnsignedImage {
  readonly url: string;
  readonly version: string;
  readonly sha256: string;
  readonly size: number;
}

export function parseUpdateCommand(payload: unknown): UpdateCommand | undefined {
  if (!isRecord(payload)) return undefined;
  const force = payload.force === true;
  switch (payload.action) {
    case "update": {
      if (payload.manifest === undefined) return { action: "update", force };
      const manifest = parseOfferedManifest(payload.manifest);
      return manifest && { action: "update", manifest, force };
    }
    case "revert": {
      const { elfSha256 } = payload;
      if (elfSha256 === undefined) return { action: "revert", elfSha256 };
      return isSha256Hex(elfSha256) ? { action: "revert", elfSha256 } : undefined;
    }
    case "safe_mode":
    case "restart":
      return { action: payload.action };
    case undefined: {
      const image = parseUnsignedImage(payload);
      return image && { action: "unsigned", image, force };
    }
    default:
      return undefined;
  }
}

export function parseOfferedManifest(value: unknown): OfferedManifest | undefined {
  if (!isRecord(value) || typeof value.jws !== "string") return undefined;
  if (value.jws.length > JWS_CHARACTERS_MAX || !/^[\w.-]*$/.test(value.jws)) return undefined;
  const image = parseUnsignedImage(value);
  return image && { jws: value.jws, ...image };
}

function parseUnsignedImage(value: Readonly<Record<string, unknown>>): UnsignedImage | undefined {
  const { url, version, sha256, size } = value;
  if (typeof url !== "string" || url.length > URL_CHARACTERS_MAX) return undefined;
  // Nothing in it takes more room in JSON than here.
  if (!/^[!#-[\]-~]+$/.test(url)) return undefined;
  if (typeof version !== "string" || version.length > VERSION_CHARACTERS_MAX) return undefined;
  if (!isSha256Hex(sha256) || !Number.isSafeInteger(size) || (size as number) <= 0) {
    return undefined;
  }
  return { url, version, sha256, size: size as number };
}

/** The feeder's view of an answer to check-update; undefined for what is none. */
export function parseCheckUpdateAnswer(body: string):
  | {
      readonly manifest: OfferedManifest | undefined;
      readonly nextCheckSeconds: number | undefined;
      readonly timeMs: number;
    }
  | undefined {
  const answer = parseRecord(body);
  const timeMs = typeof answer?.time === "string" ? Date.parse(answer.time) : Number.NaN;
  if (answer === undefined || Number.isNaN(timeMs)) return undefined;
  const { update_available, nextCheckSeconds } = answer;
  if (typeof update_available !== "boolean") return undefined;
  const manifest = update_available ? parseOfferedManifest(answer.manifest) : undefined;
  if (update_available && manifest === undefined) return undefined;
  const isSeconds = typeof nextCheckSeconds === "number" && nextCheckSeconds > 0;
  return { manifest, nextCheckSeconds: isSeconds ? nextCheckSeconds : undefined, timeMs };
}

/** The time of an answer to the heartbeat with this nonce; undefined when it is not that answer. */
export function parseNonceAnswer(body: string, nonce: string): number | undefined {
  const answer = parseRecord(body);
  if (answer?.nonce !== nonce || typeof answer.time !== "string") return undefined;
  const timeMs = Date.parse(answer.time);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

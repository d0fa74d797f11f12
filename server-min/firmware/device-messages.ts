import * as v from "valibot";
import { CHANNELS } from "../../protocol/update-manifest.ts";
import { DEVICE_ID, SHA256_HEX } from "../field-schemas.ts";
import { ZERO_CHARACTER } from "../zero-character.ts";

/** A feeder keeps 12. */
const LEDGER_ENTRIES_MAX = 64;
/** 12 hex digits, with or without separators. */
const MAC = /^[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5}$/i;

const COUNT = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Also said in rooms, where no body is checked as a whole. */
const STORABLE = v.pipe(v.string(), v.excludes(ZERO_CHARACTER));
const WORD = v.pipe(STORABLE, v.minLength(1), v.maxLength(64));

export const LEDGER = v.pipe(
  v.array(
    v.object({
      elfSha256: SHA256_HEX,
      sequence: COUNT,
      installs: COUNT,
      verdict: v.picklist(["open", "image", "environment"]),
    }),
  ),
  v.maxLength(LEDGER_ENTRIES_MAX),
);

/** protocol's CheckUpdateRequest; the first stack's clients send the mac in place of the id, and little else. */
export const CHECK_BODY = v.object({
  deviceId: v.optional(DEVICE_ID),
  mac: v.optional(v.string()),
  current_version: WORD,
  labels: v.optional(v.pipe(v.array(WORD), v.maxLength(32))),
  board: v.optional(WORD),
  chip: v.optional(WORD),
  channel: v.optional(v.picklist(CHANNELS)),
  elfSha256: v.optional(SHA256_HEX),
  slotBytes: v.optional(COUNT),
  sequence: v.optional(COUNT),
  ledger: v.optional(LEDGER),
});

export type CheckRequest = v.InferOutput<typeof CHECK_BODY>;

const SLOT = v.optional(v.union([v.picklist([0, 1]), v.pipe(STORABLE, v.maxLength(8))]));

/** protocol's OtaHeartbeat, and what the first stack's clients make of it. */
export const HEARTBEAT_BODY = v.object({
  deviceId: DEVICE_ID,
  version: WORD,
  elfSha256: v.optional(SHA256_HEX),
  slot: SLOT,
  bootCount: v.optional(COUNT),
  status: v.optional(WORD),
  nonce: v.optional(v.pipe(v.string(), v.maxLength(64))),
});

export interface HeartbeatTold {
  readonly version: string;
  readonly elfSha256?: string | undefined;
  readonly slot?: number | string | undefined;
  readonly bootCount?: number | undefined;
  readonly status?: string | undefined;
  readonly safeMode?: string | undefined;
}

/** protocol's UpdateReport; of the first stack's fields only mac, version and status are certain. */
export const REPORT_BODY = v.object({
  reportId: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(128))),
  deviceId: v.optional(DEVICE_ID),
  mac: v.optional(v.string()),
  version: v.pipe(v.string(), v.maxLength(64)),
  elfSha256: v.optional(v.pipe(v.string(), v.maxLength(64)), ""),
  sequence: v.optional(COUNT, 0),
  status: WORD,
  error: v.optional(v.pipe(v.string(), v.maxLength(200))),
});

export type ReportTold = v.InferOutput<typeof REPORT_BODY>;

/** protocol's HeartbeatPayload, as far as it is about firmware; an older feeder has less of it. */
export const ROOM_HEARTBEAT = v.object({
  type: v.literal("event.heartbeat"),
  payload: v.object({
    version: WORD,
    elfSha256: v.optional(SHA256_HEX),
    slot: SLOT,
    bootCount: v.optional(COUNT),
    update: v.optional(WORD, "idle"),
    safeMode: v.optional(WORD),
  }),
});

/** protocol's UpdateEventPayload. */
export const ROOM_UPDATE = v.object({
  type: v.literal("event.ota"),
  payload: v.object({ status: WORD, version: WORD, reason: v.optional(WORD) }),
});

/** Who sent it: its id, or its mac's 12 digits in lower case; undefined when it told neither. */
export function senderOf(body: {
  readonly deviceId?: string | undefined;
  readonly mac?: string | undefined;
}): string | undefined {
  if (body.deviceId !== undefined) return body.deviceId;
  return MAC.test(body.mac ?? "") ? body.mac?.replace(/[:-]/g, "").toLowerCase() : undefined;
}

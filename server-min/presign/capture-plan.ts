import * as v from "valibot";
import { MEDIA_TYPES, OBJECT_BYTES_MAX } from "../../protocol/media.ts";
import { objectKey } from "../../protocol/object-key.ts";
import { isPlausibleTimeMs } from "../../protocol/plausible-time.ts";
import { bucketKey, captureIdOfKey } from "../compat/bucket-key.ts";
import { mediaOf, PRESIGN_KINDS } from "../compat/presign-kinds.ts";
import { CAPTURE_ID, DEVICE_ID, SHA256_HEX } from "../field-schemas.ts";
import type { Random } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";
import type { UploadGrant } from "./upload-token.ts";

const RFC3339_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/;

const RFC3339 = v.pipe(
  v.custom<string>(isRfc3339Utc, "not an RFC 3339 time in UTC"),
  v.metadata({ type: "string", format: "date-time" }),
);

/** protocol's PresignPutRequest, and what clients of the first stack send in its place. */
export const PRESIGN_BODY = v.object({
  deviceId: DEVICE_ID,
  kind: v.optional(v.picklist(PRESIGN_KINDS)),
  contentType: v.optional(v.string()),
  size: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  sha256: v.optional(SHA256_HEX),
  capturedAt: v.optional(RFC3339),
  captureId: v.optional(CAPTURE_ID),
  objectKey: v.optional(v.pipe(v.string(), v.maxLength(200))),
});

export type CapturePlan = Omit<UploadGrant, "expiresAtMs">;

/** Decides what the object will be called; what the client left out is filled in here. */
export function planCapture(
  request: v.InferOutput<typeof PRESIGN_BODY>,
  nowMs: number,
  random: Random,
): { readonly kind: "planned"; readonly plan: CapturePlan } | Refusal {
  const { deviceId, size, sha256 } = request;
  const { kind, contentType } = mediaOf(request);
  const mediaType = MEDIA_TYPES[contentType];
  if (mediaType?.kind !== kind) return refused("unsupported_media_type", `${kind} of this type`);
  if (size !== undefined && size > OBJECT_BYTES_MAX[kind]) return refused("body_too_large");

  const saidMs = Date.parse(request.capturedAt ?? "");
  // A feeder whose clock is wrong must not lose its photo, nor file it where nobody looks.
  const capturedAtMs = isPlausibleTimeMs(saidMs) ? saidMs : nowMs;
  const name = nameObject(request, { kind, capturedAtMs, extension: mediaType.extension }, random);
  if (name === undefined) return refused("invalid_key");
  const bounds = { ...(size !== undefined && { size }), ...(sha256 !== undefined && { sha256 }) };
  return {
    kind: "planned",
    plan: { deviceId, kind, contentType, capturedAtMs, ...name, ...bounds },
  };
}

function nameObject(
  request: v.InferOutput<typeof PRESIGN_BODY>,
  media: Pick<Parameters<typeof objectKey>[0], "kind" | "capturedAtMs" | "extension">,
  random: Random,
): { readonly key: string; readonly captureId: string } | undefined {
  const { deviceId } = request;
  if (request.objectKey === undefined) {
    const captureId = request.captureId ?? Buffer.from(random.bytes(8)).toString("hex");
    return { key: objectKey({ ...media, deviceId, captureId }), captureId };
  }
  const key = bucketKey(media.kind, deviceId, request.objectKey);
  if (key === undefined) return undefined;
  return { key, captureId: request.captureId ?? captureIdOfKey(key) };
}

function isRfc3339Utc(text: unknown): boolean {
  if (typeof text !== "string" || !RFC3339_UTC.test(text)) return false;
  const timeMs = Date.parse(text);
  // Date.parse makes 2 March of 30 February and the next day of hour 24.
  return Number.isFinite(timeMs) && new Date(timeMs).toISOString().startsWith(text.slice(0, 19));
}

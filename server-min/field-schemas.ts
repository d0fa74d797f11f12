import * as v from "valibot";
import { isCaptureId, isDeviceId, isSha256Hex } from "../protocol/ids.ts";

/** The fields that many messages have, checked by protocol's rules and described to readers of the API by pattern. */
export const DEVICE_ID = v.pipe(
  v.custom<string>(isDeviceId, "not a device id"),
  v.metadata({ type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,47}$" }),
);

export const CAPTURE_ID = v.pipe(
  v.custom<string>(isCaptureId, "not a capture id"),
  v.metadata({ type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$" }),
);

export const SHA256_HEX = v.pipe(
  v.custom<string>(isSha256Hex, "not a SHA-256 in lower-case hex"),
  v.metadata({ type: "string", pattern: "^[0-9a-f]{64}$" }),
);

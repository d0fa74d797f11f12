import { isRecord, parseRecord } from "./json.ts";
import type { MediaKind } from "./media.ts";

/** POST /v1/presign/put. `capturedAt` is RFC 3339 UTC; a feeder without a clock leaves it out and the server stamps. */
export interface PresignPutRequest {
  readonly deviceId: string;
  readonly kind: MediaKind;
  readonly contentType: string;
  readonly size?: number;
  readonly sha256?: string;
  readonly capturedAt?: string;
  readonly captureId?: string;
}

/** The client sends exactly `headers` with the bytes; they carry the authorization of this one upload. */
export interface PresignPutAnswer {
  readonly uploadUrl: string;
  readonly method: "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly key: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** The body of a 200 to the upload itself. */
export interface UploadAnswer {
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The feeder's view: undefined when the answer cannot be used. */
export function parsePresignPutAnswer(body: string): PresignPutAnswer | undefined {
  const answer = parseRecord(body);
  if (answer === undefined) return undefined;
  const { uploadUrl, headers, key, expiresIn } = answer;
  if (typeof uploadUrl !== "string" || typeof key !== "string") return undefined;
  if (!isRecord(headers) || !isStringRecord(headers)) return undefined;
  const seconds = typeof expiresIn === "number" ? expiresIn : 0;
  return { uploadUrl, method: "PUT", headers, key, expiresIn: seconds };
}

function isStringRecord(record: Record<string, unknown>): record is Record<string, string> {
  return Object.values(record).every((value) => typeof value === "string");
}

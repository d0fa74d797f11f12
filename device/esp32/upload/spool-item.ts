import { isCaptureId, isSha256Hex } from "../../../protocol/ids.ts";
import { parseRecord } from "../../../protocol/json.ts";
import { isPlausibleTimeMs } from "../../../protocol/plausible-time.ts";

/** What is known of a still before its bytes arrive; kept beside them on flash. */
export interface StillFacts {
  readonly captureId: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly contentType: string;
  /** When it was taken, on the monotonic clock of the boot `bootId`. */
  readonly takenAtMs: number;
  readonly bootId: string;
  /** Milliseconds since the epoch, when the feeder knew the time. */
  readonly capturedAtMs?: number;
}

export interface SpoolItem extends StillFacts {
  /** Rises with each still; also the order of age. */
  readonly sequence: number;
  /** Upload attempts started, over restarts too. */
  attempts: number;
}

export function encodeFacts(facts: StillFacts): string {
  const { captureId, sizeBytes, sha256, contentType, takenAtMs, bootId, capturedAtMs } = facts;
  const kept = { captureId, sizeBytes, sha256, contentType, takenAtMs, bootId, capturedAtMs };
  return JSON.stringify(kept);
}

export function decodeFacts(meta: string): StillFacts | undefined {
  const facts = parseRecord(meta);
  if (facts === undefined) return undefined;
  const { captureId, sizeBytes, sha256, contentType, takenAtMs, bootId, capturedAtMs } = facts;
  if (!isCaptureId(captureId) || !isSha256Hex(sha256)) return undefined;
  if (typeof contentType !== "string" || typeof bootId !== "string") return undefined;
  if (typeof sizeBytes !== "number" || typeof takenAtMs !== "number") return undefined;
  const known = { captureId, sizeBytes, sha256, contentType, takenAtMs, bootId };
  const dated = typeof capturedAtMs === "number" && isPlausibleTimeMs(capturedAtMs);
  return dated ? { ...known, capturedAtMs } : known;
}

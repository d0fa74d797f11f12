import type { PresignPutAnswer } from "../../protocol/presign.ts";
import type { AppPorts, DirectObjects } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";
import { addPending, extendPending, pendingOfCapture } from "../storage/pending-uploads.ts";
import type { PendingUpload } from "../storage/schema.ts";
import type { CapturePlan } from "./capture-plan.ts";

/**
 * How long an upload is waited for: the store takes its start for 15 minutes, by a clock that may be 15 minutes behind,
 * and the largest clip then has half an hour.
 */
const PENDING_MS = 3_600_000;

type DirectGrant =
  | { readonly kind: "granted"; readonly answer: PresignPutAnswer }
  /** The bytes have to come through the server. */
  | { readonly kind: "through_server" }
  | Refusal;

/**
 * Lets the client store a new capture in the object store itself. That store holds it to the length and the hash that were
 * signed, so one that says neither sends its bytes to the server, which sees what they are. While one upload is waited for,
 * no other bytes are signed for its capture or its key: the later would replace the earlier behind the index.
 */
export async function grantDirect(
  { sql, clock }: Pick<AppPorts, "sql" | "clock">,
  direct: DirectObjects,
  plan: CapturePlan,
): Promise<DirectGrant> {
  const wanted = pendingUpload(plan, clock.nowMs() + PENDING_MS);
  if (wanted !== undefined) await addPending(sql, wanted);
  const pending = await pendingOfCapture(sql, plan);
  if (wanted === undefined) {
    return pending === undefined ? { kind: "through_server" } : refused("object_exists");
  }
  if (pending === undefined || !isSame(pending, wanted)) return refused("object_exists");
  const { key, bytes, sha256, content_type: contentType } = pending;
  if (pending.expires_at_ms < wanted.expires_at_ms) {
    await extendPending(sql, key, wanted.expires_at_ms);
  }
  const signed = await direct.signUpload({ key, bytes, sha256, contentType });
  const { url: uploadUrl, headers, expiresInSeconds: expiresIn } = signed;
  return { kind: "granted", answer: { uploadUrl, method: "PUT", headers, key, expiresIn } };
}

function pendingUpload(plan: CapturePlan, expiresAtMs: number): PendingUpload | undefined {
  const { size, sha256 } = plan;
  if (size === undefined || sha256 === undefined) return undefined;
  return {
    key: plan.key,
    device_id: plan.deviceId,
    capture_id: plan.captureId,
    kind: plan.kind,
    content_type: plan.contentType,
    bytes: size,
    sha256,
    captured_at_ms: plan.capturedAtMs,
    expires_at_ms: expiresAtMs,
  };
}

/** Also with another key: a feeder without a clock gets another time, and so another key, for each attempt. */
function isSame(pending: PendingUpload, wanted: PendingUpload): boolean {
  return (
    pending.device_id === wanted.device_id &&
    pending.capture_id === wanted.capture_id &&
    pending.content_type === wanted.content_type &&
    pending.bytes === wanted.bytes &&
    pending.sha256 === wanted.sha256
  );
}

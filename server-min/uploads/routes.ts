import type { Context } from "hono";
import { Hono } from "hono";
import type { UploadAnswer } from "../../protocol/presign.ts";
import type { DiskGuard } from "../keeping/disk-guard.ts";
import type { AppPorts } from "../ports.ts";
import type { UploadGrant } from "../presign/upload-token.ts";
import { readGrant } from "../presign/upload-token.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import type { FaultProfiles } from "../test-faults/fault-profiles.ts";
import type { Intake, StoreResult } from "./intake.ts";
import { checkUploadHeaders, receiveObject } from "./receive-object.ts";

/** A failure that somebody asked for has the status they asked for. */
type UploadResult = StoreResult & { readonly httpStatus?: number };

interface UploadParts {
  readonly faults: FaultProfiles;
  readonly intake: Intake;
  readonly diskGuard: DiskGuard;
}

/** PUT /fput/<token>: the bytes of one presigned object. */
export function uploadRoutes(
  ports: Pick<AppPorts, "clock" | "objects" | "settings" | "metrics">,
  { faults, intake, diskGuard }: UploadParts,
): Hono {
  const { clock, objects, settings, metrics } = ports;

  async function store(request: Request, grant: UploadGrant): Promise<StoreResult> {
    const headers = checkUploadHeaders(request.headers, grant);
    if (headers.kind === "refused") return headers;
    using room = diskGuard.reserve(headers.lengthBytes);
    if (room.kind === "refused") return room;
    await using writer = await objects.create(grant.key);
    const announced = { lengthBytes: headers.lengthBytes, sha256: grant.sha256 };
    const received = await receiveObject(request.body, announced, writer);
    if (received.kind === "refused") return received;
    // Awaited here: the writer lives until this function is left.
    return await intake.take({ grant, received, commit: () => writer.commit() });
  }

  async function receive(c: Context, token: string): Promise<UploadResult> {
    const read = readGrant(settings.uploadSecret, token, clock.nowMs());
    if (read.kind === "refused") return read;
    const { grant } = read;
    c.set("deviceId", grant.deviceId);
    if (c.req.header("Authorization") !== `Bearer ${token}`) {
      return refused("upload_token_invalid", "Authorization");
    }
    const fault = faults.draw(grant.deviceId);
    if (fault !== undefined) return { ...refused("fault_injected"), httpStatus: fault.httpCode };
    return store(c.req.raw, grant);
  }

  return new Hono().put("/fput/:token", async (c) => {
    const startedMs = clock.nowMs();
    const result = await receive(c, c.req.param("token"));
    const durationMs = Math.max(0, clock.nowMs() - startedMs);
    if (result.kind === "refused") {
      metrics.countUpload(result.code, { bytes: 0, durationMs });
      return problemAnswer(result, {}, result.httpStatus);
    }
    const { key, bytes, sha256 } = result.object;
    metrics.countUpload("stored", { bytes, durationMs });
    return c.json({ key, bytes, sha256 } satisfies UploadAnswer);
  });
}

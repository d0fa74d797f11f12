import { Hono } from "hono";
import type { UploadAnswer } from "../../protocol/presign.ts";
import type { AppPorts } from "../ports.ts";
import type { UploadGrant } from "../presign/upload-token.ts";
import { readGrant } from "../presign/upload-token.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import type { FaultProfiles } from "../test-faults/fault-profiles.ts";
import type { Intake, StoreResult } from "./intake.ts";
import { checkUploadHeaders, receiveObject } from "./receive-object.ts";

/** PUT /fput/<token>: the bytes of one presigned object. */
export function uploadRoutes(
  { clock, objects, settings }: Pick<AppPorts, "clock" | "objects" | "settings">,
  { faults, intake }: { readonly faults: FaultProfiles; readonly intake: Intake },
): Hono {
  async function store(request: Request, grant: UploadGrant): Promise<StoreResult> {
    const headers = checkUploadHeaders(request.headers, grant);
    if (headers.kind === "refused") return headers;
    await using writer = await objects.create(grant.key);
    const announced = { lengthBytes: headers.lengthBytes, sha256: grant.sha256 };
    const received = await receiveObject(request.body, announced, writer);
    if (received.kind === "refused") return received;
    // Awaited here: the writer lives until this function is left.
    return await intake.take({ grant, received, commit: () => writer.commit() });
  }

  return new Hono().put("/fput/:token", async (c) => {
    const token = c.req.param("token");
    const read = readGrant(settings.uploadSecret, token, clock.nowMs());
    if (read.kind === "refused") return problemAnswer(read);
    if (c.req.header("Authorization") !== `Bearer ${token}`) {
      return problemAnswer(refused("upload_token_invalid", "Authorization"));
    }
    const fault = faults.draw(read.grant.deviceId);
    if (fault !== undefined) return problemAnswer(refused("fault_injected"), {}, fault.httpCode);
    const result = await store(c.req.raw, read.grant);
    if (result.kind === "refused") return problemAnswer(result);
    const { key, bytes, sha256 } = result.object;
    return c.json({ key, bytes, sha256 } satisfies UploadAnswer);
  });
}

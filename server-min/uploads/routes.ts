import { Hono } from "hono";
import type { UploadAnswer } from "../../protocol/presign.ts";
import type { DayFiles } from "../day-index/day-files.ts";
import { touchDevice } from "../devices/device-rows.ts";
import type { AppPorts } from "../ports.ts";
import type { UploadGrant } from "../presign/upload-token.ts";
import { readGrant } from "../presign/upload-token.ts";
import type { Refusal } from "../problem-answer.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { SerialQueue } from "../serial-queue.ts";
import type { StoredObject } from "../storage/schema.ts";
import type { FaultProfiles } from "../test-faults/fault-profiles.ts";
import type { Announcements } from "./announcements.ts";
import { checkUploadHeaders, receiveObject } from "./receive-object.ts";
import { storeObject } from "./store-object.ts";

type StoreResult = { readonly kind: "stored"; readonly object: StoredObject } | Refusal;

/** PUT /fput/<token>: the bytes of one presigned object. */
export function uploadRoutes(
  ports: Pick<AppPorts, "clock" | "sql" | "objects" | "settings">,
  parts: { faults: FaultProfiles; announcements: Announcements; dayFiles: DayFiles },
): Hono {
  const { clock, sql, objects, settings } = ports;
  const { faults, announcements, dayFiles } = parts;
  const turns = new SerialQueue();

  async function store(request: Request, grant: UploadGrant): Promise<StoreResult> {
    const headers = checkUploadHeaders(request.headers, grant);
    if (headers.kind === "refused") return headers;
    await using writer = await objects.create(grant.key);
    const announced = { lengthBytes: headers.lengthBytes, sha256: grant.sha256 };
    const received = await receiveObject(request.body, announced, writer);
    if (received.kind === "refused") return received;
    // Awaited here: the writer lives until this function is left.
    return await turns.run(grant.deviceId, async () => {
      const nowMs = clock.nowMs();
      const stored = await storeObject(sql, { grant, received, writer, nowMs });
      if (stored.kind === "refused") return stored;
      await touchDevice(sql, grant.deviceId, nowMs);
      await announcements.announce(stored.object);
      return stored;
    });
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
    const { key, bytes, sha256, device_id: deviceId, day } = result.object;
    dayFiles.refreshSoon(deviceId, day);
    return c.json({ key, bytes, sha256 } satisfies UploadAnswer);
  });
}

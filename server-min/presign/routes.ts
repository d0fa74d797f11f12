import { Hono } from "hono";
import type { PresignPutAnswer } from "../../protocol/presign.ts";
import { mayActAs } from "../identity/principal.ts";
import { readJson } from "../json-body.ts";
import type { DiskGuard } from "../keeping/disk-guard.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { objectOfCapture } from "../storage/stored-objects.ts";
import type { CapturePlan } from "./capture-plan.ts";
import { PRESIGN_BODY, planCapture } from "./capture-plan.ts";
import { grantDirect } from "./direct-grant.ts";
import { signGrant } from "./upload-token.ts";

/** Longer than one attempt of a feeder on a bad link; every attempt asks anew. */
const GRANT_SECONDS = 900;

export function presignRoutes(ports: AppPorts, diskGuard: DiskGuard): Hono {
  const { clock, random, sql, objects, settings } = ports;

  function grant(plan: CapturePlan): PresignPutAnswer {
    const expiresAtMs = clock.nowMs() + GRANT_SECONDS * 1000;
    const token = signGrant(settings.uploadSecret, { ...plan, expiresAtMs });
    return {
      uploadUrl: `${settings.publicUrl}/fput/${token}`,
      method: "PUT",
      headers: { "Content-Type": plan.contentType, Authorization: `Bearer ${token}` },
      key: plan.key,
      expiresIn: GRANT_SECONDS,
    };
  }

  return new Hono().post("/v1/presign/put", async (c) => {
    const body = await readJson(c.req.raw, PRESIGN_BODY);
    if (body.kind === "refused") return problemAnswer(body);
    c.set("deviceId", body.value.deviceId);
    const refusal = mayActAs(c.get("principal"), body.value.deviceId);
    if (refusal !== undefined) return problemAnswer(refusal);
    const planned = planCapture(body.value, clock.nowMs(), random);
    if (planned.kind === "refused") return problemAnswer(planned);
    const { plan } = planned;
    // What goes to a bucket takes no room here.
    const noRoom = diskGuard.refuse(objects.direct ? 0 : (plan.size ?? 0));
    if (noRoom !== undefined) return problemAnswer(noRoom);
    const stored = await objectOfCapture(sql, plan);
    if (stored === undefined) {
      const direct = objects.direct && (await grantDirect(ports, objects.direct, plan));
      if (direct?.kind === "refused") return problemAnswer(direct);
      return c.json(direct?.kind === "granted" ? direct.answer : grant(plan));
    }
    if (stored.kind !== plan.kind) return problemAnswer(refused("object_exists"));
    return c.json(grant({ ...plan, key: stored.key, captureId: stored.capture_id }));
  });
}

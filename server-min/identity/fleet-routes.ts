import { Hono } from "hono";
import type { TokenAnswer } from "../../protocol/enrolment.ts";
import { isDeviceId } from "../../protocol/ids.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { acceptDevice, revokeDevice, tokensAcceptedFromMs } from "../storage/device-access.ts";
import type { Enrolment } from "../storage/enrolments.ts";
import { openEnrolments } from "../storage/enrolments.ts";
import type { Audit } from "./audit.ts";
import { decide, POLICY_VIOLATION } from "./decide-enrolment.ts";
import { DEVICE_TOKEN_SECONDS, signDeviceToken } from "./device-token.ts";

/** Which devices may come in: operators decide. */
export function fleetRoutes(ports: AppPorts, audit: Audit): Hono {
  const { sql, clock, rooms, settings } = ports;

  return new Hono()
    .get("/v1/enrolments", async (c) => {
      const open = await openEnrolments(sql, clock.nowMs());
      return c.json({ enrolments: open.map(describeEnrolment) });
    })
    .post("/v1/enrolments/:claimCode/approve", async (c) => {
      const decided = await decide(ports, c.req.param("claimCode"), "approved");
      if ("code" in decided) return problemAnswer(decided);
      const deviceId = decided.device_id;
      await audit.did(c, { action: "approve_device", target: deviceId, after: told(decided) });
      return c.json({ deviceId });
    })
    .post("/v1/enrolments/:claimCode/deny", async (c) => {
      const decided = await decide(ports, c.req.param("claimCode"), "denied");
      if ("code" in decided) return problemAnswer(decided);
      const deviceId = decided.device_id;
      await audit.did(c, { action: "deny_device", target: deviceId, before: told(decided) });
      return c.json({ deviceId });
    })
    .post("/v1/devices/:deviceId/token", async (c) => {
      const deviceId = c.req.param("deviceId");
      if (!isDeviceId(deviceId)) return problemAnswer(refused("invalid_device_id"));
      const nowMs = clock.nowMs();
      const isKnown = (await tokensAcceptedFromMs(sql, deviceId)) !== undefined;
      if (!isKnown) await acceptDevice(sql, deviceId, nowMs);
      await audit.did(c, { action: "issue_device_token", target: deviceId });
      const token = signDeviceToken(settings.tokenKeys, deviceId, nowMs);
      return c.json({ token, expiresIn: DEVICE_TOKEN_SECONDS } satisfies TokenAnswer, 201);
    })
    .delete("/v1/devices/:deviceId/token", async (c) => {
      const deviceId = c.req.param("deviceId");
      if (!isDeviceId(deviceId)) return problemAnswer(refused("invalid_device_id"));
      const revoked = await revokeDevice(sql, deviceId, clock.nowMs());
      if (!revoked) return problemAnswer(refused("not_found", "it has no token"));
      rooms.dismiss(deviceId, POLICY_VIOLATION, "token_revoked");
      await audit.did(c, { action: "revoke_device", target: deviceId });
      return c.body(null, 204);
    });
}

function describeEnrolment(enrolment: Enrolment) {
  const { device_id: deviceId, requested_at_ms, expires_at_ms } = enrolment;
  return { deviceId, ...told(enrolment), requestedTs: requested_at_ms, expiresTs: expires_at_ms };
}

function told({ claim_code: claimCode, address }: Enrolment) {
  return { claimCode, address };
}

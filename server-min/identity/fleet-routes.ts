import { Hono } from "hono";
import type { AppPorts } from "../ports.ts";
import { problemAnswer } from "../problem-answer.ts";
import type { Enrolment } from "../storage/enrolments.ts";
import { openEnrolments } from "../storage/enrolments.ts";
import type { Fleet } from "./fleet.ts";
import { told } from "./fleet.ts";

/** Which devices may come in, as programs of the operator ask. */
export function fleetRoutes({ sql, clock }: AppPorts, fleet: Fleet): Hono {
  return new Hono()
    .get("/v1/enrolments", async (c) => {
      const open = await openEnrolments(sql, clock.nowMs());
      return c.json({ enrolments: open.map(describeEnrolment) });
    })
    .post("/v1/enrolments/:claimCode/approve", async (c) => {
      const decided = await fleet.approve(c, c.req.param("claimCode"));
      return "code" in decided ? problemAnswer(decided) : c.json({ deviceId: decided.device_id });
    })
    .post("/v1/enrolments/:claimCode/deny", async (c) => {
      const decided = await fleet.deny(c, c.req.param("claimCode"));
      return "code" in decided ? problemAnswer(decided) : c.json({ deviceId: decided.device_id });
    })
    .post("/v1/devices/:deviceId/token", async (c) => {
      const issued = await fleet.issueToken(c, c.req.param("deviceId"));
      return "code" in issued ? problemAnswer(issued) : c.json(issued, 201);
    })
    .delete("/v1/devices/:deviceId/token", async (c) => {
      const refusal = await fleet.revoke(c, c.req.param("deviceId"));
      return refusal === undefined ? c.body(null, 204) : problemAnswer(refusal);
    });
}

function describeEnrolment(enrolment: Enrolment) {
  const { device_id: deviceId, requested_at_ms, expires_at_ms } = enrolment;
  return { deviceId, ...told(enrolment), requestedTs: requested_at_ms, expiresTs: expires_at_ms };
}

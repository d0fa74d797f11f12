import type { Context } from "hono";
import { Hono } from "hono";
import * as v from "valibot";
import type { EnrolmentAnswer } from "../../protocol/enrolment.ts";
import { DEVICE_ID } from "../field-schemas.ts";
import { readJson } from "../json-body.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { enrolmentOfDevice, insertEnrolment } from "../storage/enrolments.ts";
import { addressOf } from "./address.ts";
import { hashSecret } from "./api-key.ts";
import { makeClaimCode } from "./claim-code.ts";
import { issueToken } from "./issue-token.ts";
import { MinuteLimit } from "./minute-limit.ts";
import { networkOf } from "./network.ts";

/** Time to find the ladder, read the code and type it; then the feeder shows a new one. */
const ENROLMENT_SECONDS = 30 * 60;
const POLL_SECONDS = 5;
/** Each is a row and a sync of the disk, for whoever asks: a fleet behind one address is in within the hour. */
const ENROLMENTS_OF_NETWORK_MAX = 30;
const ENROLMENTS_A_MINUTE_MAX = 120;

export const ENROLMENT_BODY = v.object({ deviceId: DEVICE_ID });
export const POLL_BODY = v.object({
  deviceId: DEVICE_ID,
  deviceCode: v.pipe(v.string(), v.maxLength(64)),
});

/** How a device that nobody knows gets its token: RFC 8628's device authorization grant, with JSON bodies. */
export function enrolmentRoutes(ports: AppPorts): Hono {
  const { sql, clock, random } = ports;
  const ofAll = new MinuteLimit(clock, ENROLMENTS_A_MINUTE_MAX);
  const ofNetwork = new MinuteLimit(clock, ENROLMENTS_OF_NETWORK_MAX);

  async function answerToken(c: Context, deviceId: string): Promise<Response> {
    const issued = await issueToken(ports, deviceId);
    return issued === undefined ? problemAnswer(refused("expired_token")) : c.json(issued);
  }

  return new Hono()
    .post("/v1/enrolment", async (c) => {
      const body = await readJson(c.req.raw, ENROLMENT_BODY);
      if (body.kind === "refused") return problemAnswer(body);
      const waitMs = ofNetwork.waitMs(networkOf(addressOf(c))) || ofAll.waitMs("all");
      if (waitMs > 0) {
        const headers = { "Retry-After": String(Math.ceil(waitMs / 1000)) };
        return problemAnswer(refused("too_many_tries"), headers);
      }
      const deviceCode = Buffer.from(random.bytes(32)).toString("base64url");
      const claimCode = makeClaimCode(random);
      const nowMs = clock.nowMs();
      await insertEnrolment(sql, {
        device_code_sha256: hashSecret(deviceCode),
        device_id: body.value.deviceId,
        claim_code: claimCode,
        address: addressOf(c),
        requested_at_ms: nowMs,
        expires_at_ms: nowMs + ENROLMENT_SECONDS * 1000,
        decision: null,
      });
      const expiresIn = ENROLMENT_SECONDS;
      const answer = { deviceCode, claimCode, expiresIn, interval: POLL_SECONDS };
      return c.json(answer satisfies EnrolmentAnswer);
    })
    .post("/v1/enrolment/token", async (c) => {
      const body = await readJson(c.req.raw, POLL_BODY);
      if (body.kind === "refused") return problemAnswer(body);
      const { deviceId, deviceCode } = body.value;
      const device = { deviceId, codeHash: hashSecret(deviceCode), nowMs: clock.nowMs() };
      const enrolment = await enrolmentOfDevice(sql, device);
      if (enrolment === undefined) return problemAnswer(refused("expired_token"));
      if (enrolment.decision === "denied") return problemAnswer(refused("access_denied"));
      // Asked again when the answer was lost: the same device may have its token twice.
      if (enrolment.decision === "approved") return answerToken(c, deviceId);
      return problemAnswer(refused("authorization_pending"));
    })
    .post("/v1/device-token", (c) => {
      const principal = c.get("principal");
      // An open server has nothing to renew, and tells a device that asks the same as a closed one would.
      if (principal.kind !== "device") return problemAnswer(refused("forbidden", "not a device"));
      return answerToken(c, principal.deviceId);
    });
}

import { Hono } from "hono";
import { mayActAs } from "../identity/principal.ts";
import { readJson } from "../json-body.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer } from "../problem-answer.ts";
import { wantedConfig } from "../storage/device-config.ts";
import { firmwareOfDevice, putFirmware } from "../storage/device-firmware.ts";
import type { DeviceFirmware } from "../storage/schema.ts";
import { HEARTBEAT_BODY } from "./device-messages.ts";
import type { Offers } from "./offers.ts";
import { toldByCheck, toldByHeartbeat } from "./told-firmware.ts";

/** The first stack's number, so that its boards go back when they did: a third start is no accident. */
const TRIAL_BOOTS_MAX = 3;

/** POST /v1/ota/heartbeat: the first stack's devices live by it, ours ask it for their nonce. */
export function heartbeatRoutes(
  { sql, clock }: Pick<AppPorts, "sql" | "clock">,
  offers: Offers,
): Hono {
  return new Hono().post("/v1/ota/heartbeat", async (c) => {
    const body = await readJson(c.req.raw, HEARTBEAT_BODY);
    if (body.kind === "refused") return problemAnswer(body);
    const { deviceId, version, elfSha256, nonce, status } = body.value;
    c.set("deviceId", deviceId);
    const refusal = mayActAs(c.get("principal"), deviceId);
    if (refusal !== undefined) return problemAnswer(refusal);
    const nowMs = clock.nowMs();
    const before = await firmwareOfDevice(sql, deviceId);
    const told = toldByHeartbeat(body.value, before);
    await putFirmware(sql, { device_id: deviceId, ...told, told_at_ms: nowMs });
    const known = toldByCheck({ current_version: version, elfSha256 }, deviceId, before, nowMs);
    // An image on trial is not asked to go before it was confirmed.
    const isGood = told.confirmed === 1;
    const update = isGood && (await offers.toDevice(known, before?.target_version ?? null));
    return c.json({
      rollback: status === "failed" || isTrialOver(told),
      ackTs: nowMs,
      time: new Date(nowMs).toISOString(),
      ...(nonce !== undefined && { nonce }),
      configVersion: (await wantedConfig(sql, deviceId))?.version ?? null,
      ...(update && { update }),
    });
  });
}

function isTrialOver(
  told: Pick<DeviceFirmware, "confirmed" | "boot_count" | "boot_count_before">,
): boolean {
  const boots = (told.boot_count ?? 0) - (told.boot_count_before ?? 0);
  return told.confirmed !== 1 && boots >= TRIAL_BOOTS_MAX;
}

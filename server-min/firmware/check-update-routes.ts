import { Hono } from "hono";
import type { CheckUpdateAnswer } from "../../protocol/update-messages.ts";
import { mayActAs } from "../identity/principal.ts";
import { readJson } from "../json-body.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import type { UpdateRows } from "../storage/update-rows.ts";
import { CHECK_BODY, senderOf } from "./device-messages.ts";
import type { Offers } from "./offers.ts";
import { toldByCheck } from "./told-firmware.ts";

/** POST /api/v1/check-update: what every device asks every ten minutes. */
export function checkUpdateRoutes(
  { clock, settings }: Pick<AppPorts, "clock" | "settings">,
  rows: UpdateRows,
  offers: Offers,
): Hono {
  return new Hono().post("/api/v1/check-update", async (c) => {
    const body = await readJson(c.req.raw, CHECK_BODY);
    if (body.kind === "refused") return problemAnswer(body);
    const deviceId = senderOf(body.value);
    if (deviceId === undefined) return problemAnswer(refused("invalid_device_id"));
    c.set("deviceId", deviceId);
    const refusal = mayActAs(c.get("principal"), deviceId);
    if (refusal !== undefined) return problemAnswer(refusal);
    const nowMs = clock.nowMs();
    const { updateCheckSeconds: nextCheckSeconds } = settings;
    const before = await rows.device(deviceId);
    const told = toldByCheck(body.value, deviceId, before, nowMs);
    const manifest = await offers.toDevice(told, before?.target_version ?? null);
    await rows.put(told);
    return c.json({
      update_available: manifest !== undefined,
      ...(manifest && { manifest }),
      ...(nextCheckSeconds !== undefined && { nextCheckSeconds }),
      time: new Date(nowMs).toISOString(),
    } satisfies CheckUpdateAnswer);
  });
}

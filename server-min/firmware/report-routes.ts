import { Hono } from "hono";
import { mayActAs } from "../identity/principal.ts";
import { readJson } from "../json-body.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { firmwareOfDevice, putFirmware } from "../storage/device-firmware.ts";
import { logFirmware } from "../storage/firmware-log.ts";
import { REPORT_BODY, senderOf } from "./device-messages.ts";
import { toldByReport } from "./told-firmware.ts";

/** POST /api/v1/report-status: what became of an update, told until it is answered. */
export function reportRoutes({ sql, clock }: Pick<AppPorts, "sql" | "clock">): Hono {
  return new Hono().post("/api/v1/report-status", async (c) => {
    const body = await readJson(c.req.raw, REPORT_BODY);
    if (body.kind === "refused") return problemAnswer(body);
    const deviceId = senderOf(body.value);
    if (deviceId === undefined) return problemAnswer(refused("invalid_device_id"));
    c.set("deviceId", deviceId);
    const refusal = mayActAs(c.get("principal"), deviceId);
    if (refusal !== undefined) return problemAnswer(refusal);
    const nowMs = clock.nowMs();
    const told = toldByReport(body.value, await firmwareOfDevice(sql, deviceId));
    await putFirmware(sql, { device_id: deviceId, ...told, told_at_ms: nowMs });
    const { reportId, version, elfSha256, sequence, status, error } = body.value;
    // The log is last: a repetition that it holds already has been counted whole.
    await logFirmware(sql, {
      ...{ at_ms: nowMs, device_id: deviceId, kind: "report", version, status, sequence },
      ...{ elf_sha256: elfSha256, error: error ?? null, report_id: reportId ?? null },
    });
    return c.json({ ok: true });
  });
}

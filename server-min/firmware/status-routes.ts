import { Hono } from "hono";
import { isDeviceId } from "../../protocol/ids.ts";
import { parseJson } from "../../protocol/json.ts";
import { cutPage, readPage } from "../page-query.ts";
import type { AppPorts } from "../ports.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { listFirmware } from "../storage/device-firmware.ts";
import { readFirmwareLog } from "../storage/firmware-log.ts";
import type { DeviceFirmware, FirmwareLogRow } from "../storage/schema.ts";
import { ledgerOf } from "./told-firmware.ts";

const LOG_LIMIT = 100;
const LOG_LIMIT_MAX = 1_000;
const STATUS_LIMIT_MAX = 1_000;

/** What every device runs, and what became of its updates. */
export function firmwareStatusRoutes({ sql, rooms }: Pick<AppPorts, "sql" | "rooms">): Hono {
  return new Hono()
    .get("/v1/ota/status", async (c) => {
      const page = readPage(c.req.query(), STATUS_LIMIT_MAX);
      if ("kind" in page) return problemAnswer(page);
      const { after, limit } = page;
      const all = await listFirmware(sql, {
        after,
        limit: limit === undefined ? limit : limit + 1,
      });
      const { shown: rows, next } = cutPage(all, limit ?? all.length, (row) => row.device_id);
      if (next !== undefined) c.header("Link", `<?limit=${limit}&after=${next}>; rel="next"`);
      // A list, as the first stack's tools expect it.
      return c.json(rows.map((row) => describeFirmware(row, rooms.lastHeardMs(row.device_id))));
    })
    .get("/v1/ota/log", async (c) => {
      const { deviceId, limit = String(LOG_LIMIT) } = c.req.query();
      if (deviceId !== undefined && !isDeviceId(deviceId)) {
        return problemAnswer(refused("invalid_device_id"));
      }
      const count = /^\d{1,4}$/.test(limit) ? Number(limit) : 0;
      if (count < 1 || count > LOG_LIMIT_MAX)
        return problemAnswer(refused("invalid_request", "limit"));
      const rows = await readFirmwareLog(sql, { deviceId, limit: count });
      return c.json({ entries: rows.map(describeEntry) });
    });
}

function describeFirmware(row: DeviceFirmware, lastHeardMs: number) {
  const { version, board, chip, channel, sequence, status, reason } = row;
  return {
    deviceId: row.device_id,
    ...{ version, slot: parseJson(row.slot ?? "null"), bootCount: row.boot_count, status },
    updatedTs: Math.max(row.told_at_ms ?? 0, lastHeardMs),
    elfSha256: row.elf_sha256,
    ...{ board, chip, channel, sequence, ledger: ledgerOf(row) },
    slotBytes: row.slot_bytes,
    confirmed: row.confirmed === 1,
    ...{ reason, updateVersion: row.update_version, safeMode: row.safe_mode },
    lastCheckTs: row.checked_at_ms,
    targetVersion: row.target_version,
  };
}

function describeEntry(row: FirmwareLogRow) {
  const { id, kind, version } = row;
  const what = { id, ts: row.at_ms, deviceId: row.device_id, kind, version };
  if (kind === "download") {
    const { http_status: httpStatus, first_byte: firstByte, last_byte: lastByte } = row;
    return { ...what, httpStatus, firstByte, lastByte };
  }
  const { report_id: reportId, elf_sha256: elfSha256, sequence, status, error } = row;
  return { ...what, reportId, elfSha256, sequence, status, error };
}

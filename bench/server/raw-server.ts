/**
 * The same work by hand on node:http and node:sqlite, with no framework, no query builder and no layers: the fields, the
 * token, its device and the Host are checked, the same rows are read and written, as durable, requests get ids and are
 * counted, and the answers are the same. What is decided, by pure functions, is decided by the same ones.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SQLInputValue } from "node:sqlite";
import { is } from "valibot";
import { isRecord, parseJson } from "../../protocol/json.ts";
import { CHECK_BODY, HEARTBEAT_BODY } from "../../server-min/firmware/device-messages.ts";
import { chooseRelease } from "../../server-min/firmware/release-choice.ts";
import {
  toldByCheck,
  toldByHeartbeat,
  updatableDevice,
} from "../../server-min/firmware/told-firmware.ts";
import { versionSortKey } from "../../server-min/firmware/version-sort-key.ts";
import { readDeviceToken, signDeviceToken } from "../../server-min/identity/device-token.ts";
import { ServerMetrics } from "../../server-min/metrics/server-metrics.ts";
import { PRESIGN_BODY, planCapture } from "../../server-min/presign/capture-plan.ts";
import { signGrant } from "../../server-min/presign/upload-token.ts";
import type { CheckedFirmware } from "../../server-min/storage/device-firmware.ts";
import { openDatabase } from "../../server-min/storage/node-sqlite.ts";
import { type ReleaseSummary, SUMMARY_COLUMNS } from "../../server-min/storage/releases.ts";
import type { DeviceFirmware } from "../../server-min/storage/schema.ts";
import type { StartedServer } from "./fleet.ts";
import { CHECK_UPDATE, DEVICES } from "./fleet.ts";

const BODY_BYTES_MAX = 64 * 1024;
const keys = [{ kid: "k", secret: randomBytes(32).toString("base64url") }];
const metrics = new ServerMetrics("raw");
const random = { bytes: (length: number) => randomBytes(length) };
const folder = await mkdtemp(join(tmpdir(), "skyfeeder-bench-"));
const database = openDatabase(join(folder, "raw.db"));
for (const id of DEVICES) {
  database.exec(`INSERT INTO device_access VALUES ('${id}', 0, NULL)`);
}
const sortKey = versionSortKey({ numbers: [1, 0, 0], prerelease: [] });
database.exec(
  `INSERT INTO releases VALUES ('1.0.0', '${sortKey}', 'skyfeeder', 'feeder', 'esp32', 'stable',
   1200000, '${"7".repeat(64)}', '${CHECK_UPDATE.elfSha256}', '0.0.0-0', '', 1, NULL, NULL, 1, 1, 2, 'k', 'jws')`,
);
const access = database.prepare(
  "SELECT tokens_from_ms FROM device_access WHERE device_id = ? AND revoked_at_ms IS NULL",
);
const device = database.prepare("SELECT * FROM device_firmware WHERE device_id = ?");
const releases = database.prepare(
  `SELECT ${SUMMARY_COLUMNS.join(", ")} FROM releases WHERE product = ? AND board = ? AND chip = ?
   AND (sort_key >= ? OR elf_sha256 = ? OR version = ?)
   ORDER BY sort_key DESC, published_at_ms DESC, version DESC`,
);
const CHECKED = [
  ...(["device_id", "version", "elf_sha256", "previous_elf_sha256", "board", "chip"] as const),
  ...(["channel", "slot_bytes", "other_slot_bytes", "sequence", "ledger"] as const),
  ...(["told_at_ms", "checked_at_ms"] as const),
];
const TOLD = [
  ...(["device_id", "version", "elf_sha256", "previous_elf_sha256", "slot", "boot_count"] as const),
  ...(["boot_count_before", "confirmed", "status", "safe_mode", "told_at_ms"] as const),
];
const putChecked = upsert(CHECKED);
const putTold = upsert(TOLD);
const object = database.prepare(
  "SELECT * FROM objects WHERE key = ? OR (device_id = ? AND capture_id = ?)",
);

function upsert(columns: readonly string[]) {
  const set = columns.map((column) => `${column} = excluded.${column}`).join(", ");
  const places = columns.map(() => "?").join(", ");
  return database.prepare(
    `INSERT INTO device_firmware (${columns.join(", ")}) VALUES (${places})
     ON CONFLICT (device_id) DO UPDATE SET ${set}`,
  );
}

type Fields = Readonly<Record<string, unknown>>;

/** Whether the token of the request is this device's, and still good. */
function mayAct(request: IncomingMessage, deviceId: unknown, nowMs: number): boolean {
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
  const read = readDeviceToken(keys, token, nowMs);
  if (typeof read === "string" || read.deviceId !== deviceId) return false;
  const row = access.get(read.deviceId);
  return row !== undefined && read.issuedAtMs >= Number(row.tokens_from_ms);
}

function deviceOf(deviceId: string): DeviceFirmware | undefined {
  return device.get(deviceId) as DeviceFirmware | undefined;
}

function isOffered(told: CheckedFirmware, before: DeviceFirmware | undefined): boolean {
  const target = before?.target_version ?? null;
  const asking = updatableDevice(told, target);
  const fromKey = versionSortKey(asking.version);
  const known = releases.all(
    ...[asking.product, asking.board, asking.chip, fromKey],
    ...[asking.elfSha256 ?? "", target ?? ""],
  );
  return chooseRelease(asking, known as unknown as readonly ReleaseSummary[]) !== undefined;
}

function checkUpdate(body: Fields, nowMs: number): object | undefined {
  if (!is(CHECK_BODY, body) || body.deviceId === undefined) return undefined;
  const before = deviceOf(body.deviceId);
  const told = toldByCheck(body, body.deviceId, before, nowMs);
  const update_available = isOffered(told, before);
  putChecked.run(...CHECKED.map((column) => told[column]));
  return { update_available, time: new Date(nowMs).toISOString() };
}

function heartbeat(body: Fields, nowMs: number): object | undefined {
  if (!is(HEARTBEAT_BODY, body)) return undefined;
  const { deviceId, version, elfSha256, status } = body;
  const before = deviceOf(deviceId);
  const told = toldByHeartbeat(body, before);
  const row: Fields = { device_id: deviceId, ...told, told_at_ms: nowMs };
  putTold.run(...TOLD.map((column) => row[column] as SQLInputValue));
  const known = toldByCheck({ current_version: version, elfSha256 }, deviceId, before, nowMs);
  if (told.confirmed === 1 && isOffered(known, before)) return undefined;
  const time = new Date(nowMs).toISOString();
  return { rollback: status === "failed", ackTs: nowMs, time, configVersion: null };
}

function presign(body: Fields, nowMs: number): object | undefined {
  if (!is(PRESIGN_BODY, body)) return undefined;
  const planned = planCapture(body, nowMs, random);
  if (planned.kind === "refused") return undefined;
  const { plan } = planned;
  if (object.get(plan.key, plan.deviceId, plan.captureId) !== undefined) return undefined;
  const token = signGrant("secret", { ...plan, expiresAtMs: nowMs + 900_000 });
  const headers = { "Content-Type": plan.contentType, Authorization: `Bearer ${token}` };
  const uploadUrl = `http://${host}/fput/${token}`;
  return { uploadUrl, method: "PUT", headers, key: plan.key, expiresIn: 900 };
}

const ROUTES: Readonly<Record<string, (body: Fields, nowMs: number) => object | undefined>> = {
  "/api/v1/check-update": checkUpdate,
  "/v1/ota/heartbeat": heartbeat,
  "/v1/presign/put": presign,
};
let host = "";
let requests = 0;

function answerTo(request: IncomingMessage, text: string, nowMs: number): object | undefined {
  const body = parseJson(text);
  if (request.headers.host !== host || !isRecord(body) || text.includes("\\u0000"))
    return undefined;
  const may = mayAct(request, body.deviceId, nowMs);
  return may ? ROUTES[request.url ?? ""]?.(body, nowMs) : undefined;
}

function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const nowMs = Date.now();
  const found = answerTo(request, body.toString(), nowMs);
  const text = JSON.stringify(found ?? { code: "refused" });
  const status = found === undefined ? 400 : 200;
  requests += 1;
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
    "X-Content-Type-Options": "nosniff",
    "X-Request-Id": `raw-${requests}`,
  });
  response.end(text);
  const durationMs = Date.now() - nowMs;
  metrics.countRequest({ route: request.url ?? "", method: "POST", status, durationMs });
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) request.destroy();
    else chunks.push(chunk);
  });
  request.on("end", () => answer(request, response, Buffer.concat(chunks)));
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  host = `127.0.0.1:${port}`;
  const nowMs = Date.now();
  const tokens = Object.fromEntries(DEVICES.map((id) => [id, signDeviceToken(keys, id, nowMs)]));
  process.send?.({ url: `http://${host}`, tokens } satisfies StartedServer);
});
process.on("SIGTERM", async () => {
  database.close();
  await rm(folder, { recursive: true });
  process.exit();
});

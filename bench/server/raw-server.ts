/**
 * The same work by hand on node:http and node:sqlite, with no framework, no query builder and no layers: the fields are
 * checked, the token's signature and its device are, rows are as durable, and the answers have the same fields.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { is } from "valibot";
import { CHECK_BODY, HEARTBEAT_BODY } from "../../server-min/firmware/device-messages.ts";
import { readDeviceToken, signDeviceToken } from "../../server-min/identity/device-token.ts";
import { PRESIGN_BODY } from "../../server-min/presign/capture-plan.ts";
import { signGrant } from "../../server-min/presign/upload-token.ts";
import { openDatabase } from "../../server-min/storage/node-sqlite.ts";
import type { CHECK_UPDATE, HEARTBEAT, PRESIGN, StartedServer } from "./fleet.ts";
import { DEVICES } from "./fleet.ts";

const keys = [{ kid: "k", secret: randomBytes(32).toString("base64url") }];
const folder = await mkdtemp(join(tmpdir(), "skyfeeder-bench-"));
const database = openDatabase(join(folder, "raw.db"));
for (const id of DEVICES) {
  database.exec(`INSERT INTO device_access VALUES ('${id}', 0, NULL)`);
}
const access = database.prepare(
  "SELECT tokens_from_ms FROM device_access WHERE device_id = ? AND revoked_at_ms IS NULL",
);
const device = database.prepare("SELECT * FROM device_firmware WHERE device_id = ?");
const releases = database.prepare(
  `SELECT version, sort_key, elf_sha256, blocked_at_ms FROM releases
   WHERE product = ? AND board = ? AND chip = ? AND sort_key >= ? ORDER BY sort_key DESC`,
);
const CHECKED = [
  ...["device_id", "version", "elf_sha256", "previous_elf_sha256", "board", "chip", "channel"],
  ...["slot_bytes", "sequence", "ledger", "told_at_ms", "checked_at_ms"],
];
const TOLD = [
  ...["device_id", "version", "elf_sha256", "slot", "boot_count", "confirmed", "status"],
  "told_at_ms",
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

type Body = typeof CHECK_UPDATE & typeof HEARTBEAT & typeof PRESIGN & { readonly deviceId: string };

/** Whether the token of the request is this device's, and still good. */
function mayAct(request: IncomingMessage, deviceId: string, nowMs: number): boolean {
  const token = request.headers.authorization?.slice("Bearer ".length) ?? "";
  const read = readDeviceToken(keys, token, nowMs);
  if (typeof read === "string" || read.deviceId !== deviceId) return false;
  const row = access.get(read.deviceId);
  return row !== undefined && read.issuedAtMs >= Number(row.tokens_from_ms);
}

function checkUpdate(body: Body, nowMs: number): object | undefined {
  if (!is(CHECK_BODY, body)) return undefined;
  const before = device.get(body.deviceId);
  const { current_version: version, elfSha256, board, chip, channel } = body;
  const offered = releases
    .all("skyfeeder", board, chip, "0")
    .find((row) => row.version !== version);
  putChecked.run(
    ...[
      body.deviceId,
      version,
      elfSha256,
      before?.previous_elf_sha256 ?? null,
      board,
      chip,
      channel,
    ],
    ...[body.slotBytes, body.sequence, JSON.stringify(body.ledger), nowMs, nowMs],
  );
  return { update_available: offered !== undefined, time: new Date(nowMs).toISOString() };
}

function heartbeat(body: Body, nowMs: number): object | undefined {
  if (!is(HEARTBEAT_BODY, body)) return undefined;
  device.get(body.deviceId);
  const { version, elfSha256, slot, bootCount, status, deviceId } = body;
  putTold.run(
    deviceId,
    version,
    elfSha256 ?? null,
    slot ?? null,
    bootCount ?? 0,
    1,
    status ?? "",
    nowMs,
  );
  releases.all("skyfeeder", "feeder", "esp32", "0");
  const time = new Date(nowMs).toISOString();
  return { rollback: false, ackTs: nowMs, time, configVersion: null };
}

function presign(body: Body, nowMs: number): object | undefined {
  if (!is(PRESIGN_BODY, body)) return undefined;
  const { deviceId, contentType, size, sha256 } = body;
  const captureId = randomBytes(8).toString("hex");
  const name = new Date(nowMs).toISOString().replace(/[:.]/g, "-");
  const key = `photos/${deviceId}/${name}-${captureId}.jpg`;
  object.get(key, deviceId, captureId);
  const about = { deviceId, kind: "photos", contentType, capturedAtMs: nowMs, key, captureId };
  const token = signGrant("secret", { ...about, kind: "photos", size, sha256, expiresAtMs: nowMs });
  const headers = { "Content-Type": contentType, Authorization: `Bearer ${token}` };
  return { uploadUrl: `http://x/fput/${token}`, method: "PUT", headers, key, expiresIn: 900 };
}

const ROUTES: Readonly<Record<string, (body: Body, nowMs: number) => object | undefined>> = {
  "/api/v1/check-update": checkUpdate,
  "/v1/ota/heartbeat": heartbeat,
  "/v1/presign/put": presign,
};

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const nowMs = Date.now();
    const body: Body = JSON.parse(Buffer.concat(chunks).toString());
    const answer = mayAct(request, String(body.deviceId), nowMs)
      ? ROUTES[request.url ?? ""]?.(body, nowMs)
      : undefined;
    response.writeHead(answer === undefined ? 400 : 200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(answer));
  });
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  const nowMs = Date.now();
  const tokens = Object.fromEntries(DEVICES.map((id) => [id, signDeviceToken(keys, id, nowMs)]));
  process.send?.({ url: `http://127.0.0.1:${port}`, tokens } satisfies StartedServer);
});
process.on("SIGTERM", async () => {
  database.close();
  await rm(folder, { recursive: true });
  process.exit();
});

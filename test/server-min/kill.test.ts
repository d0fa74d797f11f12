import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { DayIndex } from "../../protocol/day-index.ts";
import { parsePresignPutAnswer } from "../../protocol/presign.ts";
import { describePostgres, makePostgresUrl } from "./contract/databases.ts";

/** Five in every run; the long tier asks for a hundred. */
const KILLS = Number(process.env.KILLS ?? 5);
const CONCURRENCY = 16;
/** Some of what is under way at a kill is answered too, so that each takes more photos than it waits for. */
const PHOTOS = Math.max(200, KILLS * 10);
const DEVICES = 4;
/** Answered uploads after which the server is killed, a run each; the last run has all the time it needs. */
const KILL_AFTER = Array.from({ length: KILLS }, (_, n) => 1 + Math.floor((n * PHOTOS) / KILLS));
const TIMEOUT_MS = 60_000 + KILLS * 10_000;

interface Photo {
  readonly deviceId: string;
  readonly captureId: string;
  readonly capturedAt: string;
  readonly bytes: Buffer<ArrayBuffer>;
  readonly sha256: string;
}

const photos: Photo[] = Array.from({ length: PHOTOS }, (_, n) => {
  // Every size from a few bytes to many chunks of a socket.
  const bytes = Buffer.alloc(1 + (n % 200) * 1500, `photo ${n} `);
  return {
    deviceId: `feeder-${n % DEVICES}`,
    captureId: `c${n}`,
    capturedAt: new Date(Date.UTC(2026, 4, 1, 0, 0, n)).toISOString(),
    bytes,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
});

async function startProcess(dataDir: string, databaseUrl: readonly string[]) {
  const target = fileURLToPath(new URL("./kill-target.ts", import.meta.url));
  const child = spawn(process.execPath, [target, dataDir, ...databaseUrl], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const notices: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => notices.push(line));
  const [url] = await once(createInterface({ input: child.stdout }), "line");
  const exited = once(child, "exit");
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  return { url: String(url), kill, notices };
}

/** True when the server answered 200; a dead server answers nothing. */
async function upload(url: string, photo: Photo): Promise<boolean> {
  const { deviceId, captureId, capturedAt, bytes } = photo;
  const request = { deviceId, captureId, capturedAt, kind: "photos", contentType: "image/jpeg" };
  const body = JSON.stringify(request);
  const presigned = await ask(`${url}/v1/presign/put`, { method: "POST", body });
  const grant = parsePresignPutAnswer(presigned ?? "");
  if (grant === undefined) return false;
  const { uploadUrl, headers } = grant;
  return (await ask(uploadUrl, { method: "PUT", headers, body: bytes })) !== undefined;
}

async function ask(url: string, init: RequestInit): Promise<string | undefined> {
  return fetch(url, init).then(
    async (answer) => (answer.status === 200 ? answer.text() : undefined),
    () => undefined,
  );
}

/** True when the server took the news that this device went back to its old image. */
async function reportRollback(url: string, { deviceId, captureId }: Photo): Promise<boolean> {
  const report = { deviceId, reportId: captureId, version: "1.1.0", elfSha256: "a".repeat(64) };
  const body = JSON.stringify({ ...report, status: "rolled_back", error: "crash" });
  return (await ask(`${url}/api/v1/report-status`, { method: "POST", body })) !== undefined;
}

interface Answered {
  readonly photos: Set<Photo>;
  readonly reports: Set<string>;
}

/** Uploads and reports what is left, several at a time; kills the server after `killAfter` photos in all, or idle. */
async function workUntilKilled(
  server: { readonly url: string; kill(): Promise<void> },
  answered: Answered,
  killAfter: number,
): Promise<void> {
  const left = photos.filter((photo) => !answered.photos.has(photo));
  let killed: Promise<void> | undefined;
  const work = async () => {
    for (let photo = left.shift(); photo && !killed; photo = left.shift()) {
      if (await upload(server.url, photo)) answered.photos.add(photo);
      if (await reportRollback(server.url, photo)) answered.reports.add(photo.captureId);
      if (answered.photos.size >= killAfter) killed ??= server.kill();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  await (killed ?? server.kill());
}

async function listed(url: string) {
  const devices = Array.from({ length: DEVICES }, (_, n) => `feeder-${n}`);
  const days = devices.map(async (deviceId): Promise<DayIndex> => {
    const answer = await fetch(`${url}/v1/index/${deviceId}/2026-05-01`);
    const day = await answer.json();
    expect(day).toHaveProperty("events");
    return day;
  });
  return (await Promise.all(days)).flatMap(({ events }) => events);
}

async function reportsIn(url: string): Promise<string[]> {
  const { entries } = await (await fetch(`${url}/v1/ota/log?limit=1000`)).json();
  return entries.map(({ reportId }: { reportId: string }) => reportId);
}

async function killAndCheck(databaseUrl: readonly string[]): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "skyfeeder-kill-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const answered: Answered = { photos: new Set(), reports: new Set() };
  for (const killAfter of [...KILL_AFTER, Infinity]) {
    const server = await startProcess(dataDir, databaseUrl);
    const entries = await listed(server.url);
    const listedHashes = new Map(entries.map(({ id, sha256 }) => [id, sha256]));
    for (const { captureId, sha256 } of answered.photos) {
      expect(listedHashes.get(captureId)).toBe(sha256);
    }
    expect(await reportsIn(server.url)).toEqual(expect.arrayContaining([...answered.reports]));
    expect(listedHashes.size).toBe(entries.length);
    for (const { key, sha256, bytes } of entries) {
      const object = Buffer.from(
        await (await fetch(`${server.url}/v1/objects/${key}`)).arrayBuffer(),
      );
      expect(createHash("sha256").update(object).digest("hex")).toBe(sha256);
      expect(object.length).toBe(bytes);
    }
    await workUntilKilled(server, answered, killAfter);
    expect(server.notices).toEqual([expect.stringContaining("act as any feeder")]);
  }
  // Whatever was under way at a kill could be sent again.
  expect(answered.photos.size).toBe(PHOTOS);
}

const PROMISE = "a server killed at any moment keeps what it answered for, and lists nothing else";

test(PROMISE, () => killAndCheck([]), TIMEOUT_MS);

describePostgres(() => {
  test(PROMISE, async () => killAndCheck([await makePostgresUrl()]), 2 * TIMEOUT_MS);
});

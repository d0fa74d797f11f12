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

const PHOTOS = 200;
const CONCURRENCY = 16;
const DEVICES = 4;
/** Answered uploads after which the server is killed, a run each; the last run may finish. */
const KILL_AFTER = [1, 23, 57, 110, 163];

interface Photo {
  readonly deviceId: string;
  readonly captureId: string;
  readonly capturedAt: string;
  readonly bytes: Buffer<ArrayBuffer>;
  readonly sha256: string;
}

const photos: Photo[] = Array.from({ length: PHOTOS }, (_, n) => {
  // Every size from a few bytes to many chunks of a socket.
  const bytes = Buffer.alloc(1 + n * 1500, `photo ${n} `);
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

/** Uploads what is left, several at a time, and kills the server after `killAfter` answers in all. */
async function uploadUntilKilled(
  server: { readonly url: string; kill(): Promise<void> },
  answered: Set<Photo>,
  killAfter: number,
): Promise<void> {
  const left = photos.filter((photo) => !answered.has(photo));
  let killed: Promise<void> | undefined;
  const work = async () => {
    for (let photo = left.shift(); photo && !killed; photo = left.shift()) {
      if (await upload(server.url, photo)) answered.add(photo);
      if (answered.size >= killAfter) killed ??= server.kill();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  await killed;
}

async function listed(url: string) {
  const devices = Array.from({ length: DEVICES }, (_, n) => `feeder-${n}`);
  const days = devices.map(async (deviceId): Promise<DayIndex> => {
    const answer = await fetch(`${url}/v1/index/${deviceId}/2026-05-01`);
    return answer.json();
  });
  return (await Promise.all(days)).flatMap(({ events }) => events);
}

async function killAndCheck(databaseUrl: readonly string[]): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "skyfeeder-kill-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const answered = new Set<Photo>();
  for (const killAfter of [...KILL_AFTER, Infinity]) {
    const server = await startProcess(dataDir, databaseUrl);
    const entries = await listed(server.url);
    const listedHashes = new Map(entries.map(({ id, sha256 }) => [id, sha256]));
    for (const { captureId, sha256 } of answered) expect(listedHashes.get(captureId)).toBe(sha256);
    expect(listedHashes.size).toBe(entries.length);
    for (const { key, sha256, bytes } of entries) {
      const object = Buffer.from(
        await (await fetch(`${server.url}/v1/objects/${key}`)).arrayBuffer(),
      );
      expect(createHash("sha256").update(object).digest("hex")).toBe(sha256);
      expect(object.length).toBe(bytes);
    }
    await uploadUntilKilled(server, answered, killAfter);
    expect(server.notices).toEqual([expect.stringContaining("act as any feeder")]);
  }
  // Whatever was under way at a kill could be sent again.
  expect(answered.size).toBe(PHOTOS);
}

const PROMISE =
  "a server killed at any moment keeps every photo it answered for, and lists no other";

test(PROMISE, () => killAndCheck([]), 60_000);

describePostgres(() => {
  test(PROMISE, async () => killAndCheck([await makePostgresUrl()]), 120_000);
});

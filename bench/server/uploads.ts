import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, open, rename, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../server-min/storage/node-sqlite.ts";
import type { BenchRow } from "../rows.ts";
import { median } from "../rows.ts";
import { startChild } from "./child.ts";
import type { StartedServer } from "./fleet.ts";
import { interleave } from "./load.ts";
import { ROUNDS } from "./run-length.ts";

const STILL = randomBytes(20_000);
const CONCURRENCY = 16;
const AGENT = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
const STILLS_A_ROUND = process.argv.includes("--smoke") ? 32 : 400;

/** Presigned PUTs of stills, beside a loop that writes the same files and rows with the same syncs and no server. */
export async function measureUploads(): Promise<BenchRow[]> {
  await using ours = await startChild<StartedServer>("our-server.ts");
  await using loop = await openLoop();
  const measured = await interleave(
    ROUNDS,
    () => uploadToOurs(ours.started),
    () => stillsASecond(STILLS_A_ROUND, loop.store),
  );
  const value = median(measured.ours);
  const ratio = value / median(measured.peer);
  const of = "a loop with the same syncs and commits";
  return [{ name: "upload.still", value, unit: "stills/s", of, ratio }];
}

async function uploadToOurs({ url, tokens }: StartedServer): Promise<number> {
  const devices = Object.entries(tokens);
  const grants: { uploadUrl: string; headers: Record<string, string> }[] = [];
  for (let still = 0; still < STILLS_A_ROUND; still++) {
    const [deviceId, token] = devices[still % devices.length] ?? ["", ""];
    const body = { deviceId, kind: "photos", contentType: "image/jpeg", size: STILL.length };
    const headers = { Authorization: `Bearer ${token}` };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    grants.push(await (await fetch(`${url}/v1/presign/put`, init)).json());
  }
  return stillsASecond(STILLS_A_ROUND, async (still) => {
    const { uploadUrl, headers } = grants[still] ?? { uploadUrl: "", headers: {} };
    await put(uploadUrl, headers);
  });
}

/** Not by fetch: the processor that a client uses is one that a server of the same machine has not. */
async function put(url: string, headers: Record<string, string>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const length = { "Content-Length": STILL.length };
  const asked = request(url, { agent: AGENT, method: "PUT", headers: { ...headers, ...length } });
  asked.on("error", reject);
  asked.on("response", (answer) => {
    const { statusCode } = answer;
    answer.resume();
    answer.on("end", () => {
      if (statusCode === 200) resolve();
      else reject(new Error(`status ${statusCode}`));
    });
  });
  asked.end(STILL);
  return promise;
}

async function stillsASecond(count: number, store: (still: number) => Promise<void>) {
  let next = 0;
  const startedMs = performance.now();
  const work = async (): Promise<void> => {
    while (next < count) await store(next++);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return count / ((performance.now() - startedMs) / 1000);
}

async function openLoop() {
  const folder = await mkdtemp(join(tmpdir(), "skyfeeder-loop-"));
  const database = openDatabase(join(folder, "loop.db"));
  const insert = database.prepare(
    "INSERT INTO objects VALUES (?, ?, ?, 'photos', 'image/jpeg', ?, ?, ?, '2026-05-01', ?, NULL, NULL, NULL, NULL)",
  );
  let stored = 0;
  const store = async (still: number): Promise<void> => {
    stored += 1;
    const id = `c${stored}`;
    const photos = join(folder, `feeder-${(still % 100) + 1}`);
    await mkdir(photos, { recursive: true });
    const file = await open(join(folder, id), "wx");
    await file.write(STILL);
    await file.sync();
    await file.close();
    await rename(join(folder, id), join(photos, id));
    const parent = await open(photos);
    await parent.sync();
    await parent.close();
    insert.run(`photos/${id}`, "feeder", id, STILL.length, "0".repeat(64), stored, stored);
  };
  return {
    store,
    async [Symbol.asyncDispose]() {
      database.close();
      await rm(folder, { recursive: true });
    },
  };
}

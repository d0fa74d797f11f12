/**
 * A herd: after an outage thousands of feeders reconnect within ten seconds. Each asks where to go, joins its room, and
 * resends three events; each event must be acknowledged. The server is a process of its own, with a password and tokens.
 *
 *   node test/server-min/herd.ts
 *   DEVICES=500 node test/server-min/herd.ts
 *
 * Prints one JSON value; exit code 1 when a feeder was not served or an event was lost.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";

const DEVICES = Number(process.env.DEVICES ?? 5_000);
const WITHIN_MS = 10_000;
const EVENTS = 3;
const PASSWORD = "as many as there are";

const dataDir = await mkdtemp(join(tmpdir(), "skyfeeder-herd-"));
const server = fork(join(import.meta.dirname, "herd-target.ts"), [dataDir, PASSWORD]);
const [url] = (await once(server, "message")) as [string];

const login = await fetch(`${url}/v1/session`, {
  method: "POST",
  body: JSON.stringify({ password: PASSWORD }),
});
const Cookie = login.headers.get("Set-Cookie")?.split(";", 1)[0] ?? "";
const tokens: string[] = [];
for (let device = 0; device < DEVICES; device++) {
  const init = { method: "POST", headers: { Cookie } };
  tokens.push((await (await fetch(`${url}/v1/devices/herd-${device}/token`, init)).json()).token);
}

const before = await residentBytes();
const startedMs = performance.now();
const served = await Promise.allSettled(tokens.map(reconnect));
const tookMs = performance.now() - startedMs;
const memoryBytes = await residentBytes();
const latencies = served.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
latencies.sort((a, b) => a - b);
const failed = served.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
const headers = { Cookie };
const metrics = await (await fetch(`${url}/v1/metrics`, { headers })).json();
process.stdout.write(
  `${JSON.stringify({
    ...{ devices: DEVICES, served: latencies.length, failed: failed.slice(0, 3) },
    ...{ relayed: metrics.messageCount, wanted: DEVICES * EVENTS },
    ...{ tookMs: Math.round(tookMs), slowestMs: Math.round(latencies.at(-1) ?? 0) },
    medianMs: Math.round(latencies[latencies.length >> 1] ?? 0),
    bytesADevice: Math.round((memoryBytes - before) / DEVICES),
    memoryBytes,
  })}\n`,
);
if (failed.length > 0 || metrics.messageCount !== DEVICES * EVENTS) process.exitCode = 1;
const ended = once(server, "exit");
server.kill("SIGKILL");
await ended;
await rm(dataDir, { recursive: true });
process.exit();

/** At a moment of its own within the ten seconds; answers how long it took to be served. */
async function reconnect(token: string, device: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, (device / DEVICES) * WITHIN_MS));
  const beginMs = performance.now();
  const discovery = `${url}/v1/discovery/herd-${device}`;
  const answer = await fetch(discovery, { headers: { Authorization: `Bearer ${token}` } });
  const { signal_ws } = await answer.json();
  const socket = new WebSocket(signal_ws, { perMessageDeflate: false });
  await once(socket, "open");
  let acknowledged = 0;
  const all = new Promise<void>((resolve, reject) => {
    socket.on("close", (code) => reject(new Error(`closed with ${code}`)));
    socket.on("message", (data) => {
      if (JSON.parse(data.toString()).type === "ack" && ++acknowledged === EVENTS) resolve();
    });
  });
  for (let seq = 1; seq <= EVENTS; seq++) {
    socket.send(JSON.stringify({ type: "event.visit", bootId: "b1", seq, payload: { grams: 18 } }));
  }
  await all;
  return performance.now() - beginMs;
}

async function residentBytes(): Promise<number> {
  const status = await readFile(`/proc/${server.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

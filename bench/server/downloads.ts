import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchRow } from "../rows.ts";
import { median } from "../rows.ts";
import { startChild } from "./child.ts";
import type { StartedServer } from "./fleet.ts";
import { CHECK_UPDATE } from "./fleet.ts";
import { interleave, measureRate } from "./load.ts";
import { ROUNDS, SECONDS } from "./run-length.ts";

const NGINX = "/usr/sbin/nginx";

/** A release's image to a fleet, beside nginx with sendfile. Without nginx there is no row. */
export async function measureDownloads(): Promise<BenchRow[]> {
  if (!existsSync(NGINX)) return [];
  await using ours = await startChild<StartedServer>("our-server.ts");
  const { url, tokens } = ours.started;
  const imageUrl = new URL(await offeredUrl(url, tokens["feeder-1"] ?? ""));
  const image = Buffer.from(await (await fetch(imageUrl)).arrayBuffer());
  await using nginx = await startNginx(image);
  const path = `${imageUrl.pathname}${imageUrl.search}`;
  const measured = await interleave(
    ROUNDS,
    () => measureRate(url, [{ path }], SECONDS),
    () => measureRate(nginx.url, [{ path: "/image.bin" }], SECONDS),
  );
  const value = median(measured.ours);
  const ratio = value / median(measured.peer);
  const unit = `images of ${image.length} B/s`;
  return [{ name: "firmware.download", value, unit, of: "nginx with sendfile", ratio }];
}

async function offeredUrl(url: string, token: string): Promise<string> {
  const older = { current_version: "0.9.0", elfSha256: "9".repeat(64), sequence: 0 };
  const body = { ...CHECK_UPDATE, deviceId: "feeder-1", ...older };
  const headers = { Authorization: `Bearer ${token}` };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  const { manifest } = await (await fetch(`${url}/api/v1/check-update`, init)).json();
  return manifest.url;
}

async function startNginx(image: Uint8Array) {
  const folder = await mkdtemp(join(tmpdir(), "skyfeeder-nginx-"));
  // Its worker is another user when it is started by root.
  await chmod(folder, 0o755);
  await writeFile(join(folder, "image.bin"), image);
  const port = await freePort();
  const config = `
    daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
    events {}
    http {
      access_log ${folder}/access.log; sendfile on; tcp_nopush on; keepalive_requests 1000000;
      client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
      uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
      server { listen 127.0.0.1:${port}; root ${folder}; }
    }`;
  await writeFile(join(folder, "nginx.conf"), config);
  const child = spawn(NGINX, ["-c", join(folder, "nginx.conf")], { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/image.bin`, child);
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await new Promise((resolve) => child.once("exit", resolve));
      await rm(folder, { recursive: true });
    },
  };
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("nginx ended");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { parseRecord } from "../../protocol/json.ts";
import { RunningCommand } from "../cli/running-command.ts";
import { makeImage } from "../server-min/firmware-fixture.ts";
import { start } from "../server-min/started-server.ts";

const folder = mkdtempSync(join(tmpdir(), "skyfeeder-rollout-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const image = join(folder, "firmware-1.2.0.bin");
writeFileSync(image, makeImage({ version: "1.2.0" }));
const KEY = "skf_1a2b3c4d_secret";

function publishRollout(url: string, ...args: string[]) {
  const env = { OTA_SERVICE_URL: url, OTA_API_KEY: url && KEY };
  return new RunningCommand(process.execPath, ["tools/publish-rollout.ts", ...args], env).end();
}

/** A server of ours with rollouts, which it has only the words for: the rest is the server behind it. */
async function withRollouts(behind: string): Promise<{ url: string; asked: unknown[] }> {
  const asked: unknown[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (request.url === "/v1/rollouts") {
      asked.push(parseRecord(body.toString()));
      response.writeHead(201, { "Content-Type": "application/json" }).end('{"id":"r-7"}');
      return;
    }
    const answer = await fetch(`${behind}${request.url}`, {
      method: request.method ?? "GET",
      body,
    });
    response.writeHead(answer.status, { "Content-Type": "application/json" });
    response.end(await answer.text());
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((listening) => server.on("listening", listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test("a server without rollouts offers a trial to its channel alone, and that is said", async () => {
  const { url } = await start();
  await fetch(`${url}/api/v1/check-update`, {
    method: "POST",
    body: JSON.stringify({ deviceId: "porch", current_version: "1.0.0" }),
  });
  const summary = join(folder, "summary.md");
  const args = [
    image,
    "--strategy",
    "canary-10",
    "--devices",
    "porch, shed|x",
    "--summary",
    summary,
  ];
  const end = await publishRollout(url, ...args);
  expect(end.code).toBe(0);
  expect(end.stdout).toContain("## Firmware 1.2.0");
  expect(end.stdout).toContain("no rollouts yet: every feeder that follows `beta`");
  expect(end.stdout).toContain("| porch | ");
  expect(end.stdout).toContain("| shed x | ");
  expect(end.stdout + end.stderr).not.toContain(KEY);
  expect(readFileSync(summary, "utf8")).toBe(end.stdout);
  const releases = (await (await fetch(`${url}/v1/releases`)).json()) as { releases: unknown[] };
  expect(releases.releases).toMatchObject([{ version: "1.2.0", channel: "beta" }]);
});

test("a server with rollouts is asked for one", async () => {
  const { url } = await start();
  const { url: front, asked } = await withRollouts(url);
  const end = await publishRollout(front, image, "--strategy", "full", "--notes", "Seeds");
  expect(end).toMatchObject({ code: 0, stdout: expect.stringContaining("Rollout r-7") });
  const channel = "stable";
  expect(asked).toEqual([
    { version: "1.2.0", channel, strategy: "full", board: "feeder", devices: [], notes: "Seeds" },
  ]);
});

test.each([
  ["no server", "", [image, "--strategy", "test"], 3, "server_not_named"],
  ["no strategy", "http://127.0.0.1:9", [image], 2, "usage"],
  ["a strategy that is none", "http://127.0.0.1:9", [image, "--strategy", "all"], 2, "usage"],
  ["a server that is away", "http://127.0.0.1:9", [image, "--strategy", "test"], 1, "unreachable"],
  ["a simulator's image", "http://feeders.example", [image, "--strategy", "test"], 2, "simulated"],
])("%s is said", async (_, url, args, code, reason) => {
  const end = await publishRollout(url, ...args);
  expect(end).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(reason) });
});

import type { ChildProcess } from "node:child_process";
import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { parseRecord } from "../../protocol/json.ts";
import { ROOT } from "../tidy/source-tree.ts";
import { joinRoom } from "./room-client.ts";
import { VIEWER } from "./server-fixture.ts";
import { start } from "./started-server.ts";

const isThere = spawnSync("mosquitto_pub", ["--help"]).error === undefined;

/** The commands of the document, for the port that the test has. */
function documentedCommands(port: string): string[][] {
  const text = readFileSync(join(ROOT, "docs/mqtt.md"), "utf8");
  const [, block = ""] = /## From the command line[\s\S]*?```sh\n([\s\S]*?)```/.exec(text) ?? [];
  return block
    .trim()
    .split("\n")
    .map((line) =>
      [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? ""),
    )
    .map(([program = "", ...rest]) => [program, "-p", port, ...rest]);
}

test.runIf(!isThere)("mosquitto_pub and mosquitto_sub are left out: they are not installed", () => {
  expect(isThere).toBe(false);
});

test.runIf(isThere)("mosquitto_pub and mosquitto_sub work as the document has them", async () => {
  const server = await start({ mqtt: { listen: "127.0.0.1:0" } });
  const viewer = await joinRoom(server, VIEWER);
  const feeder = await joinRoom(server, { role: "feeder", deviceId: "dev1" });
  const { port } = new URL(server.mqtt?.url("127.0.0.1") ?? "");
  const [listening = [], restart = [], visit = [], online = []] = documentedCommands(port);
  const lines = linesOf(run(listening));
  expect(await lines.next()).toMatchObject({
    value: expect.stringMatching(/^skyfeeder\/dev1\/status .*online/),
  });

  await publish(restart);
  expect(await feeder.until("cmd.ota")).toMatchObject([{ payload: { action: "restart" } }]);
  await publish(visit);
  expect((await viewer.until("event.visit")).at(-1)).toMatchObject({
    deviceId: "dev7",
    payload: { captureId: "c1", trigger: "pir" },
  });
  await publish(online);
  const heard = [];
  for (const name of ["dev1/cmd/ota", "dev7/event/visit", "dev7/status"]) {
    const { value: line } = await lines.next();
    expect(line).toMatch(new RegExp(`^skyfeeder/${name} `));
    heard.push(parseRecord(String(line).replace(/^\S+ /, "")));
  }
  expect(heard).toMatchObject([{ action: "restart" }, { trigger: "pir" }, { status: "online" }]);
  expect(server.rooms.hasFeeder("dev7")).toBe(true);
});

/** The server is in this process: nothing may wait for the program but asynchronously. */
async function publish([program = "", ...rest]: readonly string[]): Promise<void> {
  await promisify(execFile)(program, rest);
}

function run([program = "", ...rest]: readonly string[]): ChildProcess {
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    child.kill();
    await once(child, "exit");
  });
  return child;
}

function linesOf({ stdout }: ChildProcess): AsyncIterator<string> {
  if (stdout === null) throw new Error("no output");
  return createInterface(stdout)[Symbol.asyncIterator]();
}

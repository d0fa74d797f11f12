import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serveComPort } from "../../../cli/sim/board/com-port-server.ts";
import { startVirtualServer } from "../../../cli/sim/server/virtual-server.ts";
import { SerialBridge } from "../../../host-sim/board/serial-bridge.ts";
import { nodeEngine } from "../../../host-sim/engines/node.ts";
import { bundleFirmware } from "../../../host-sim/firmware.ts";
import { HOME_WIFI } from "../../../host-sim/network/home-wifi.ts";
import { SERVER_URL, Stage } from "../../../host-sim/stage.ts";
import { skyfeeder } from "../running-command.ts";

const ID = "24a160000002";
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "provision-"));
  await writeFile(join(folder, "password"), `${HOME_WIFI.passphrase}\n`);
  await writeFile(join(folder, "short"), "seven-7\n");
});

const undo: (() => void)[] = [];
afterAll(() => {
  for (const run of undo) run();
});

/** A bare board in real time, behind a port of this computer. */
async function startBoard({ isOn = true } = {}) {
  const stage = await Stage.build({
    ...{ seed: 1, pace: "real", engine: nodeEngine, deviceIds: [ID], bare: true },
    firmware: await bundleFirmware(),
    view: () => ({ still: () => new Uint8Array(3_000) }),
    startServer: (world) => startVirtualServer(world, undefined, { closedServer: true }),
  });
  const [feeder] = stage.feeders;
  if (feeder === undefined) throw new Error("no feeder");
  const server = serveComPort(new SerialBridge(stage.world, feeder.board));
  server.listen(0, "127.0.0.1");
  undo.push(
    () => server.close(),
    () => stage.world.stop(),
  );
  await once(server, "listening");
  stage.world.run(Number.POSITIVE_INFINITY).catch(expect.unreachable);
  if (isOn) stage.powerOn();
  return { feeder, port: `rfc2217://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test.concurrent("a bare board is provisioned, and standard output is one JSON value", async () => {
  const { feeder, port } = await startBoard();
  const file = join(folder, "password");
  const given = ["--ssid", HOME_WIFI.ssid, "--password-file", file, "--server", `${SERVER_URL}/`];
  const ended = await skyfeeder("provision", "--port", port, ...given, "--json");
  expect(ended.code).toBe(0);
  const { claimCode } = feeder;
  expect(claimCode).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
  const answer = { deviceId: ID, ssid: HOME_WIFI.ssid, serverUrl: SERVER_URL, claimCode };
  expect(JSON.parse(ended.stdout)).toEqual(answer);
  expect(ended.stderr).toContain(`found ${ID}, SkyFeeder`);
  expect(ended.stdout + ended.stderr).not.toContain(HOME_WIFI.passphrase);
}, 60_000);

test.concurrent("a port at which nobody answers is told, with what to look for", async () => {
  const { port } = await startBoard({ isOn: false });
  const given = ["--ssid", "garden", "--password-file", join(folder, "password")];
  const ended = await skyfeeder("provision", "--port", port, ...given, "--json");
  expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code: "no_answer" } });
  expect(ended.code).toBe(5);
}, 60_000);

describe("used wrong", () => {
  const PORT = ["--port", "/dev/nobody"];
  const SSID = ["--ssid", "garden"];

  test.each([
    ["a server without a scheme", [...PORT, "--server", "192.168.1.10"], "usage", 2],
    ["a name of control characters", [...PORT, "--name", "a\x1bb"], "usage", 2],
    ["a network of no name", [...PORT, "--ssid", ""], "usage", 2],
    ["an argument too many: a password", [...PORT, ...SSID, "secret"], "usage", 2],
    ["no network, and no terminal", PORT, "no_terminal", 2],
    ["no password, and no terminal", [...PORT, ...SSID], "no_terminal", 2],
    ["a password file that is not there", [...PORT, ...SSID, "+nobody"], "file_not_found", 4],
    ["a password that is too short", [...PORT, ...SSID, "+short"], "password_length", 2],
    ["a port that is not there", [...PORT, ...SSID, "+password"], "port_not_found", 4],
  ])("%s", async (_, args, code, exitCode) => {
    const flags = args.flatMap((arg) =>
      arg.startsWith("+") ? ["--password-file", join(folder, arg.slice(1))] : [arg],
    );
    const ended = await skyfeeder("provision", ...flags, "--json");
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code } });
    expect(ended.code).toBe(exitCode);
  });
});

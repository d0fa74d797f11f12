import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { HOME_WIFI } from "../../../host-sim/network/home-wifi.ts";
import { makeFolder, start } from "../../server-min/started-server.ts";
import { RunningCommand, skyfeeder } from "../running-command.ts";

/** A command on a terminal that node-serialport reads, as it reads the port of a real board. */
test("a board behind a pseudo-terminal is provisioned while nothing else wakes the command", async (context) => {
  const server = await start();
  const given = ["sim", "board", "--pty", "--server", server.url];
  const board = new RunningCommand(process.execPath, ["cli/skyfeeder.js", ...given]);
  onTestFinished(() => void board.interrupt());
  const path = await board.firstLine().catch((error: Error) => error);
  if (path instanceof Error) {
    // Neither socat nor python3 here.
    if (path.message.includes("(pty_unavailable)") && process.env.CI === undefined) context.skip();
    throw path;
  }
  const passwordFile = join(await makeFolder(), "password");
  await writeFile(passwordFile, HOME_WIFI.passphrase);
  const network = ["--ssid", HOME_WIFI.ssid, "--password-file", passwordFile];
  const port = ["--port", path, "--server", server.url];
  const ended = await skyfeeder("provision", ...port, ...network, "--json");
  expect(ended.stderr).toContain("garden: joined");
  expect(JSON.parse(ended.stdout)).toMatchObject({ deviceId: "desk", serverUrl: server.url });
  expect(ended.code).toBe(0);
}, 120_000);

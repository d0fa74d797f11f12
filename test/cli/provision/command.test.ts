import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HOME_WIFI } from "../../../host-sim/network/home-wifi.ts";
import { SERVER_URL } from "../../../host-sim/stage.ts";
import { RunningCommand, skyfeeder } from "../running-command.ts";
import { BARE_ID, startBareBoard } from "./bare-board.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "provision-"));
  await writeFile(join(folder, "password"), `${HOME_WIFI.passphrase}\n`);
  await writeFile(join(folder, "short"), "seven-7\n");
});
afterAll(() => rm(folder, { recursive: true }));

test.concurrent("a bare board is provisioned, and standard output is one JSON value", async () => {
  using board = await startBareBoard();
  const { feeder, port } = board;
  const file = join(folder, "password");
  const given = ["--ssid", HOME_WIFI.ssid, "--password-file", file, "--server", `${SERVER_URL}/`];
  const ended = await skyfeeder("provision", "--port", port, ...given, "--json");
  expect(ended.code).toBe(0);
  const { claimCode } = feeder;
  expect(claimCode).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
  const answer = { deviceId: BARE_ID, ssid: HOME_WIFI.ssid, serverUrl: SERVER_URL, claimCode };
  expect(JSON.parse(ended.stdout)).toEqual(answer);
  expect(ended.stderr).toContain(`found ${BARE_ID}, SkyFeeder`);
  expect(ended.stdout + ended.stderr).not.toContain(HOME_WIFI.passphrase);
}, 60_000);

test.concurrent("a password is read from standard input, to the end of its line", async () => {
  using board = await startBareBoard();
  const { feeder, port } = board;
  const given = ["--ssid", HOME_WIFI.ssid, "--password-file", "-", "--server", SERVER_URL];
  const command = ["cli/skyfeeder.js", "provision", "--port", port, ...given, "--json"];
  const running = new RunningCommand(process.execPath, command);
  running.type(`${HOME_WIFI.passphrase}\nand more that is none of it\n`);
  const ended = await running.end();
  expect(ended.code).toBe(0);
  expect(JSON.parse(ended.stdout)).toMatchObject({ ssid: HOME_WIFI.ssid });
  expect(feeder.board.nvs.get("skyfeeder/serverUrl")).toBe(SERVER_URL);
  expect(ended.stdout + ended.stderr).not.toContain(HOME_WIFI.passphrase);
}, 60_000);

test.concurrent("a port at which nobody answers is told, with what to look for", async () => {
  using board = await startBareBoard({ isOn: false });
  const { port } = board;
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

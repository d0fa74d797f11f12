import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseGiven } from "../../cli/configuration/setting-text.ts";
import { joinRoom } from "../server-min/room-client.ts";
import { makeFolder, start } from "../server-min/started-server.ts";
import { CommandHome } from "./command-home.ts";

/** A server with a feeder in its room that says of settings what the test lets it say. */
async function openWithFeeder() {
  const server = await start();
  const feeder = await joinRoom(server, { role: "feeder", deviceId: "feeder-1" });
  const folder = await makeFolder();
  const home = new CommandHome(folder);
  const config = (...args: string[]) => home.run(["config", ...args, "--server", server.url]);
  const report = (status: string, version: number, latest: number, more = {}) =>
    feeder.send({ type: "event.config", payload: { status, version, latest, ...more } });
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  /** Whose words do not come between the command's. */
  const setByOther = async (settings: object): Promise<void> => {
    const init = {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(settings),
    };
    expect((await fetch(`${server.url}/v1/devices/feeder-1/config`, init)).status).toBe(200);
  };
  return { config, feeder, report, file, setByOther };
}

describe("an operator", () => {
  test("sets, looks, and sees what differs", async () => {
    const { config, feeder, report } = await openWithFeeder();
    const set = await config("set", "feeder-1", "heartbeatSeconds=2m", "visitWeightGrams=120 g");
    expect(set).toMatchObject({ code: 0, stderr: "" });
    expect(set.stdout).toMatch(/^feeder-1: version 1 is wanted; /);
    const [told] = (await feeder.until("cmd.config")).slice(-1);
    const settings = { heartbeatSeconds: 120, visitWeightGrams: 120 };
    expect(told?.payload).toEqual({ version: 1, settings });
    const { stdout } = await config("get", "feeder-1");
    expect(stdout).toMatch(/^heartbeatSeconds +120 +set; else 60$/m);
    expect(stdout).toMatch(/^clipSeconds +5$/m);

    report("applied", 1, 1);
    expect(await config("set", "feeder-1", "visitWeightGrams=")).toMatchObject({ code: 0 });
    const diff = await config("diff", "feeder-1");
    expect(diff.stdout).toContain("visitWeightGrams  120  ->  not set\n");
    expect(diff.stdout).toContain("the feeder has not heard of version 2");
  });

  test("pushes a file and follows it to its end", async () => {
    const { config, feeder, report, file } = await openWithFeeder();
    const toml = file("garden.toml", "clipSeconds = 0\nuploadRetrySeconds = [60, 600]\n");
    const diff = JSON.parse((await config("diff", "feeder-1", toml, "--json")).stdout);
    expect(diff.differences).toEqual([
      { setting: "clipSeconds", to: 0 },
      { setting: "uploadRetrySeconds", to: [60, 600] },
    ]);
    const pushed = config("push", "feeder-1", toml, "--wait", "--json");
    await feeder.until("cmd.config");
    report("trial", 1, 1);
    report("applied", 1, 1);
    const { code, stdout } = await pushed;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ version: 1, settings: { clipSeconds: 0, uploadRetrySeconds: [60, 600] } },
      reported: { status: "applied", version: 1 },
    });
  });

  test("is told that the feeder went back", async () => {
    const { config, feeder, report, file } = await openWithFeeder();
    const json = file("garden.json", '{ "connectTimeoutSeconds": 10 }');
    const pushed = config("push", "feeder-1", json, "--wait");
    await feeder.until("cmd.config");
    report("rolled_back", 0, 1, { reason: "server_unreachable" });
    const { code, stderr, stdout } = await pushed;
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("version 1 was rolled back: server_unreachable (config_rolled_back)");
  });
});

describe("whoever waits while somebody else sets something newer", () => {
  test.each([
    ["is told that it is in effect instead", "applied", 2, {}, 1, "config_superseded"],
    [
      ...(["or was tried instead", "rolled_back", 0, { reason: "server_unreachable" }] as const),
      ...([1, "config_superseded"] as const),
    ],
    [
      ...(["or that the own holds all the same", "rejected", 1] as const),
      ...([{ reason: "invalid_settings" }, 0, undefined] as const),
    ],
  ] as const)("%s", async (_, status, version, why, exitCode, code) => {
    const { config, feeder, report, setByOther } = await openWithFeeder();
    const waiting = config("set", "feeder-1", "clipSeconds=1", "--wait", "--json");
    await feeder.until("cmd.config");
    await setByOther({ clipSeconds: 2 });
    report(status, version, 2, why);
    const ended = await waiting;
    expect(ended.code).toBe(exitCode);
    expect(JSON.parse(ended.stdout).error?.code).toBe(code);
  });
});

describe("what cannot be", () => {
  test.each([
    [["get"], "usage", 2],
    [["sett", "feeder-1"], "usage", 2],
    [["set", "feeder-1"], "usage", 2],
    [["set", "feeder-1", "clipSeconds"], "invalid_settings", 2],
    [["set", "feeder-1", "clipSeconds=9"], "invalid_settings", 2],
    [["set", "feeder-1", "jpeg=9", "--json"], "invalid_settings", 2],
    [["push", "feeder-1"], "usage", 2],
    [["push", "feeder-1", "/nowhere/garden.toml"], "file_not_found", 4],
    [["diff", "feeder-1", "/nowhere/garden.toml"], "file_not_found", 4],
    [["get", "feeder-9"], "not_found", 4],
    [["set", "../x", "clipSeconds=1"], "invalid_device_id", 1],
  ])("config %j is refused as %s", async (args, code, exitCode) => {
    const { config } = await openWithFeeder();
    const ended = await config(...args, "--json");
    expect(ended.code).toBe(exitCode);
    expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code, hint: /./ } });
  });

  test.each([
    [
      "garden.toml",
      "clipSeconds = 9\nheartbeatSecond = 10\n",
      /clipSeconds must be .*\n.*heartbeatSeconds\?/,
    ],
    ["garden.toml", "clipSeconds = \n", /garden\.toml is not usable:\n {2}\S/],
    ["garden.json", "{", /garden\.json is not usable:\n {2}\S/],
    ["garden.json", '{"clipSeconds":"5"}', /clipSeconds must be a whole number from 0 to 8 s/],
  ])("%s with %j: every mistake is told, and nothing is sent", async (name, text, mistakes) => {
    const { config, file } = await openWithFeeder();
    const { code, stderr } = await config("push", "feeder-1", file(name, text));
    expect(code).toBe(2);
    expect(stderr).toMatch(mistakes);
    expect(stderr).toContain("(invalid_settings)");
    const { stdout } = await config("get", "feeder-1");
    expect(stdout).toContain("version 0 is wanted");
  });
});

test.each([
  ["heartbeatSeconds=90", 90],
  ["heartbeatSeconds=1.5m", 90],
  ["presenceSettleMs=1s", 1_000],
  ["uploadRetrySeconds=60, 5m,900s", [60, 300, 900]],
  ["updateWindow=22:00-04:30", "22:00-04:30"],
  ["updateBatteryMv=3700mV", 3_700],
  ["clipSeconds=", null],
])("%s", (text, value) => {
  expect(parseGiven(text)).toMatchObject({ kind: "given", value });
});

test.each([
  ["clipSecond=5", 'there is no setting "clipSecond"; do you mean clipSeconds?'],
  ["wingspan=30", 'there is no setting "wingspan"'],
  ["heartbeatSeconds=2 weeks", "heartbeatSeconds must be a whole number from 10 to 900 s"],
  ["visitWeightGrams=2m", "visitWeightGrams must be a whole number from 10 to 1000 g"],
  ["uploadRetrySeconds=60,x", /^uploadRetrySeconds must be at most 6 whole numbers/],
  ["updateChannel=Stable", "updateChannel must be one of alpha, beta, stable"],
])("%s is wrong", (text, mistake) => {
  expect(parseGiven(text)).toEqual({ kind: "wrong", mistake: expect.stringMatching(mistake) });
});

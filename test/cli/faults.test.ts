import { expect, test } from "vitest";
import { makeFolder, presign, start } from "../server-min/started-server.ts";
import { CommandHome } from "./command-home.ts";
import { skyfeeder } from "./running-command.ts";

const DAY_MS = 86_400_000;

test("a feeder's uploads fail as long as they are told to, and are seen in the list", async () => {
  const server = await start();
  const home = new CommandHome(await makeFolder());
  const faults = (...args: string[]) => home.run(["faults", ...args, "--server", server.url]);
  const upload = async (captureId: string) => {
    const { uploadUrl, headers } = await presign(server, captureId);
    const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);
    return (await fetch(uploadUrl, { method: "PUT", headers, body: jpeg })).status;
  };
  const set = await faults("set", "feeder-1", "--code", "507", "--for", "24h", "--json");
  const { untilTs } = JSON.parse(set.stdout);
  expect(untilTs - Date.now()).toBeGreaterThan(DAY_MS - 60_000);
  expect(await upload("c1")).toBe(507);
  expect((await faults("ls")).stdout).toMatch(/^feeder-1 {2}100 % are answered 507 {2}until 20/);
  expect((await faults("clear", "feeder-1")).stdout).toBe("feeder-1 uploads as usual\n");
  expect(await upload("c2")).toBe(200);
  expect((await faults("ls")).stdout).toBe("nobody's uploads fail on purpose\n");
});

test.each([
  [["faults"], 2],
  [["faults", "set"], 2],
  [["faults", "set", "f", "--rate", "2"], 2],
  [["faults", "set", "f", "--code", "200"], 2],
  [["faults", "set", "f", "--for", "soon"], 2],
  [["faults", "set", "a b", "--server", "http://127.0.0.1:9"], 1],
])("%j ends with %i", async (args, code) => {
  const end = await skyfeeder(...args, "--json");
  expect(end.code).toBe(code);
  expect(JSON.parse(end.stdout)).toMatchObject({ error: { code: expect.any(String) } });
});

test("wrong use names the help of that very command, which says the default in its own words", async () => {
  const { stderr } = await skyfeeder("faults", "set", "f", "--for", "soon");
  expect(stderr).toContain("\ntry: npm run -s skyfeeder -- faults set --help\n");
  expect((await skyfeeder("faults", "set", "--help")).stdout).toMatch(/90s \(default:\s+10m\)/);
});

test("alone, the command shows six first steps, and that there are more", async () => {
  const { code, stdout } = await skyfeeder();
  expect(code).toBe(0);
  expect(stdout.match(/^ {2}npm (start|run -s skyfeeder -- \w+) /gm)).toHaveLength(6);
  expect(stdout).toContain("--help");
});

import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { parseRecord } from "../../../protocol/json.ts";
import { start } from "../../server-min/started-server.ts";
import { RunningCommand, skyfeeder } from "../running-command.ts";

/** A feeder as its server sees it; it sends a line of its log when it is asked to. */
async function joinAsFeeder(url: string) {
  const answer = await fetch(`${url}/v1/discovery/porch`);
  const { signal_ws } = (await answer.json()) as { signal_ws: string };
  const socket = new WebSocket(signal_ws);
  onTestFinished(() => socket.terminate());
  const say = (message: object) => socket.send(JSON.stringify(message));
  const lines = [
    { level: "warn", tag: "camera", text: "it sleeps\u001b[2J", age_ms: 5 },
    { level: "info", tag: "session", text: "online", age_ms: 2 },
    { level: 7, tag: {}, text: null },
  ];
  const asked: unknown[] = [];
  socket.on("message", (data) => {
    const message = parseRecord(data.toString());
    if (message?.type !== "cmd.log") return;
    asked.push(message.payload);
    say({ type: "event.log", payload: { lines, dropped: 3 } });
  });
  await new Promise((resolve) => socket.once("open", resolve));
  return { asked, say };
}

const follow = (url: string, ...args: string[]) =>
  new RunningCommand(process.execPath, [
    ...["cli/skyfeeder.js", "monitor", "--device", "porch", "--server", url, ...args],
  ]);

test("a remote feeder's log comes as lines, and so does what else it says", async () => {
  const { url } = await start({});
  const { asked, say } = await joinAsFeeder(url);
  const running = follow(url, "--json");
  await running.printed(/"text":"online"/);
  say({ type: "event.visit", payload: { captureId: "c1", trigger: "pir" } });
  await running.printed(/"kind":"event"/);
  const { code, stdout, stderr } = await running.interrupt();
  expect(code).toBe(0);
  expect(stderr).toContain("follows porch");
  expect(asked[0]).toEqual({ level: "info", minutes: 10 });
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { kind: "log", level: "warn", tag: "camera", text: "it sleeps\\x1b[2J" },
    { kind: "log", level: "info", tag: "session", text: "online" },
    { kind: "note", text: "3 lines left out by the feeder" },
    { kind: "event", tag: "visit", text: '{"captureId":"c1","trigger":"pir"}' },
  ]);
});

test("one that is away is waited for", async () => {
  const { url } = await start({});
  await fetch(`${url}/v1/discovery/porch`);
  const running = follow(url);
  await running.printed(/porch is away; waits for it/);
  const { say } = await joinAsFeeder(url);
  say({ type: "event.visit", bootId: "2", seq: 1, payload: { captureId: "c1", trigger: "pir" } });
  await running.printed(/I session: online/);
  expect((await running.interrupt()).code).toBe(0);
});

test.each([
  ["no device id", ["--device", "a b"], "invalid_device_id", 2],
  ["a device that nobody knows", ["--device", "shed"], "not_found", 4],
])("%s is told", async (_, args, code, exitCode) => {
  const { url } = await start({});
  const ended = await skyfeeder("monitor", ...args, "--server", url, "--json");
  expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code } });
  expect(ended.code).toBe(exitCode);
});

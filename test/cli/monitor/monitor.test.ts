import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { hasTerminals, onTerminal, RunningCommand, skyfeeder } from "../running-command.ts";
import { startBoard } from "./simulated-board.ts";

/** Says the same again and again: whoever comes later hears it too. */
const TALKS = `
  const text = (line) => trace(line + "\\n");
  text("info feeder: boot");
  const talk = () => {
    text("info session: online");
    text("warn camera: it sleeps");
    text("Backtrace: 0x400d2f18:0x3ffb1f10 0x400d3a59:0x3ffb1f30");
    text("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
    Timer.set(talk, 100);
  };
  talk();
`;

const undo: (() => void)[] = [];
afterEach(() => {
  for (const run of undo.splice(0)) run();
});

async function talkingBoard() {
  const around = await startBoard(TALKS);
  undo.push(() => around.stop());
  return around;
}

function monitor(...args: string[]): RunningCommand {
  return new RunningCommand(process.execPath, ["cli/skyfeeder.js", "monitor", ...args]);
}

test("the lines of a board are JSON, one a line, until Ctrl-C; opening has reset nothing", async () => {
  const { path, bridge } = await talkingBoard();
  const running = monitor("--port", path, "--json");
  await running.printed(/aaaa/);
  bridge.setSignals({ requestToSend: true });
  bridge.setSignals({ requestToSend: false });
  await running.printed(/"kind":"reset"[\s\S]*"tag":"feeder","text":"boot"[\s\S]*it sleeps/);
  const { code, stdout } = await running.interrupt();
  expect(code).toBe(0);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.filter(({ kind }) => kind === "reset")).toHaveLength(1);
  expect(lines).toContainEqual(
    expect.objectContaining({ kind: "log", level: "warn", tag: "camera", text: "it sleeps" }),
  );
  const ended = lines.find(({ kind }) => kind === "reset");
  expect(ended.text).toBe("rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)");
  expect(Date.parse(ended.at)).toBeGreaterThan(Date.now() - 60_000);
});

test("as text a line has its time and what passed since the one before; filters choose, and the log file has the same", async () => {
  const { path } = await talkingBoard();
  const folder = mkdtempSync(join(tmpdir(), "monitor-"));
  undo.push(() => rmSync(folder, { recursive: true }));
  const log = join(folder, "board.log");
  const running = monitor("--port", path, "--level", "warn", "--tag", "camera", "--log", log);
  await running.printed(/(it sleeps[\s\S]*){2}/);
  const { code, stdout, stderr } = await running.interrupt();
  expect(code).toBe(0);
  expect(stderr).toBe(`follows ${path} at 115200 baud\n`);
  expect(stdout).toMatch(/^\d\d:\d\d:\d\d\.\d{3} +\+\d\.\d{3} {2}W camera: it sleeps$/m);
  expect(stdout).toMatch(/--- --elf FILE, from the same build, decodes these addresses/);
  expect(stdout).not.toContain("online");
  const [opened, ...shown] = readFileSync(log, "utf8").split("\n");
  expect(opened).toContain(` --- follows ${path} `);
  expect(shown.join("\n")).toBe(stdout);
});

test("a pattern chooses lines; one that would take for ever ends the command", async () => {
  const { path } = await talkingBoard();
  const running = monitor("--port", path, "--grep", "^onl.ne$");
  await running.printed(/online/);
  expect((await running.interrupt()).stdout).not.toContain("sleeps");
  const { code, stderr } = await monitor("--port", path, "--grep", "^(a+)+$").end();
  expect(code).toBe(2);
  expect(stderr).toContain("grep_too_slow");
});

test.skipIf(!existsSync("/dev/full"))(
  "a full disk ends the log file, and not the monitor",
  async () => {
    const { path } = await talkingBoard();
    const running = monitor("--port", path, "--log", "/dev/full");
    await running.printed(/ENOSPC.*the log file ends here/);
    await running.printed(/online/);
    expect((await running.interrupt()).code).toBe(0);
  },
);

test("whose cable is pulled comes back when it does", async () => {
  const { path, pull, plugInAgain } = await talkingBoard();
  const running = monitor("--port", path, "--grep", "online");
  await running.printed(/online/);
  pull();
  await running.printed(/unplugged; waits for/);
  await plugInAgain();
  await running.printed(/is back/);
  expect((await running.interrupt()).code).toBe(0);
});

test.skipIf(!hasTerminals)(
  "on a terminal Ctrl-R resets the board, Ctrl-] ends, and the terminal is as before",
  async () => {
    const { path } = await talkingBoard();
    const command = `${process.execPath} cli/skyfeeder.js monitor --port ${path}; stty -a`;
    // Else $CI, $TERM and $NO_COLOR of whoever runs the tests decide whether there are colours.
    const env = { FORCE_COLOR: "1" };
    const running = onTerminal(command, env);
    await running.printed(/\+\d\.\d{3} {2}I session: online/);
    running.type("\x12");
    await running.printed(/--- reset: power came on[\s\S]*it sleeps/);
    running.type("\x1d");
    const { stdout } = await running.end();
    expect(stdout).toContain("\u001b[33m");
    expect(stdout).toMatch(/ icanon .* echo /s);
  },
);

test.concurrent.each([
  ["two boards", ["--port", "x", "--device", "feeder-1"], "usage", 2],
  ["a baud rate that is none", ["--port", "x", "--baud", "fast"], "usage", 2],
  ["a level that is none", ["--port", "x", "--level", "loud"], "usage", 2],
  ["a pattern that is none", ["--port", "x", "--grep", "("], "usage", 2],
  ["frames of a remote feeder", ["--device", "feeder-1", "--frames"], "usage", 2],
  ["a server of a local board", ["--port", "x", "--server", "http://localhost:1"], "usage", 2],
  ["a port that is not there", ["--port", "/dev/no-such-port"], "port_not_found", 4],
  ["an ELF that is none", ["--port", "x", "--elf", "package.json"], "not_an_elf", 1],
  ["a log in no folder", ["--port", "x", "--log", "/no/folder/log"], "log_file", 1],
])("%s is told", async (_, args, code, exitCode) => {
  const ended = await skyfeeder("monitor", ...args, "--json");
  expect(JSON.parse(ended.stdout)).toMatchObject({ error: { code } });
  expect(ended.code).toBe(exitCode);
});

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openLine } from "../../../cli/serial/open-line.ts";
import { randomStream } from "../../../host-sim/random.ts";
import { makeImage } from "../../server-min/firmware-fixture.ts";
import { start } from "../../server-min/started-server.ts";
import { CommandHome } from "../command-home.ts";
import { hasTerminals, onTerminal, RunningCommand } from "../running-command.ts";
import { appImage, mergedImage, talkingImage } from "./bench-desk.ts";

const folder = mkdtempSync(join(tmpdir(), "skyfeeder-flash-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const home = new CommandHome(folder);

/** In this process. */
function run(...args: string[]) {
  return home.run(args, { XDG_STATE_HOME: join(folder, "state") });
}

function serveBoard(...args: string[]) {
  const command = ["cli/skyfeeder.js", "sim", "board", ...args, "--json"];
  return new RunningCommand(process.execPath, command);
}

function keep(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const app = keep("app.bin", await appImage("it runs"));

test("an erased simulated board is flashed over RFC 2217, and what it has become is kept", async () => {
  const merged = keep("merged.bin", await mergedImage(await appImage("it runs")));
  const chip = join(folder, "chip.bin");
  const first = serveBoard("--rfc2217", "0", "--flash", chip, "--erased");
  const { rfc2217: port } = JSON.parse(await first.firstLine());
  const flashed = await run("flash", "--port", port, "--image", merged);
  expect(flashed).toMatchObject({ code: 0, stdout: expect.stringContaining("wrote      0x0 ") });
  expect(flashed.stderr).toMatch(/writing image: 100 %, .* 0 s left\ncomparing image by MD5\n/);
  for (const control of ["\r", "\u001b"]) expect(flashed.stderr).not.toContain(control);
  // It is remembered: nothing names the port now.
  const again = JSON.parse((await run("flash", "--image", app, "--json")).stdout);
  expect(again).toMatchObject({ port, writes: [{ what: "ota_0" }, { what: "otadata" }] });
  expect((await first.interrupt()).code).toBe(0);
  const second = serveBoard("--rfc2217", "0", "--flash", chip);
  const { line, heard } = await opened(JSON.parse(await second.firstLine()).rfc2217, "it runs\r\n");
  await line.setSignals({ requestToSend: true });
  await line.setSignals({ requestToSend: false });
  await heard;
  await line.close();
  await second.interrupt();
}, 120_000);

test.skipIf(!hasTerminals).each([100, 40])(
  "on a terminal of %i columns it redraws one line, which never scrolls",
  async (columns) => {
    // What does not pack is sent in several blocks.
    const random = randomStream(1, "noise");
    const noise = Uint8Array.from({ length: 50_000 }, () => 256 * random());
    const app = await mergedImage(await appImage("it runs"));
    const merged = keep("drawn.bin", Buffer.concat([app, noise]));
    const board = serveBoard("--rfc2217", "0", "--erased");
    const { rfc2217: port } = JSON.parse(await board.firstLine());
    const flash = `${process.execPath} cli/skyfeeder.js flash --port ${port} --image ${merged}`;
    const { code, stdout } = await onTerminal(`stty cols ${columns}; ${flash}`).end();
    expect(code).toBe(0);
    const [drawn = "", ...others] = stdout.split("\r\n").filter((line) => /writing/.test(line));
    expect(others).toEqual([]);
    const texts = drawn.split("\r").slice(1);
    expect(texts.length).toBeGreaterThan(3);
    expect(texts[0]).toMatch(/^writing image: 0 %/);
    expect(texts.at(-1)).toMatch(/^writing image: 100 %/);
    // Each as wide as the one before it, and short of the edge.
    expect(new Set(texts.map(({ length }) => length))).toEqual(
      new Set([Math.min(78, columns - 1)]),
    );
    expect(stdout).not.toContain("\u001b");
    await board.interrupt();
  },
  120_000,
);

test("with --monitor it shows what the board prints behind the flashing", async () => {
  const board = serveBoard("--rfc2217", "0", "--erased");
  const { rfc2217: port } = JSON.parse(await board.firstLine());
  const merged = keep("watched.bin", await mergedImage(await talkingImage("it runs and is seen")));
  const args = ["cli/skyfeeder.js", "flash", "--port", port, "--image", merged, "--monitor"];
  const flash = new RunningCommand(process.execPath, args, {
    XDG_STATE_HOME: join(folder, "seen"),
  });
  await flash.printed(/it runs and is seen/);
  expect((await flash.interrupt()).code).toBe(0);
  await board.interrupt();
}, 120_000);

const makesTerminals = ["socat", "python3"].some((name) => !spawnSync(name, ["-V"]).error);

test.skipIf(!makesTerminals)(
  "a board on a pseudo-terminal is heard, and has no lines to reset it by",
  async () => {
    // What comes before a terminal is opened is thrown away when it is.
    const talks = keep("talks.bin", await talkingImage("it runs"));
    const board = serveBoard("--pty", "--image", talks);
    const { pty } = JSON.parse(await board.firstLine());
    const { line, heard } = await opened(pty, "it runs\r\n");
    await heard;
    expect(line.hasControlLines).toBe(false);
    expect(await line.setBaudRate(921_600)).toBe(true);
    await line.close();
    expect(await line.ended).toBe("closed");
    // What has a port of this computer is taken for a chip, which runs no simulator's image.
    const flashed = await run("flash", "--port", pty, "--image", app, "--json");
    expect(JSON.parse(flashed.stdout)).toMatchObject({ error: { code: "image_simulated" } });
    await board.interrupt();
  },
  60_000,
);

/** A line, and when this was heard on it. */
async function opened(path: string, wanted: string) {
  const outcome = await openLine(path, 115_200);
  if (outcome.kind === "failed") throw new Error(outcome.failure.message);
  const line = outcome.value;
  const heard = Promise.withResolvers<void>();
  let text = "";
  line.hear = (bytes) => {
    text += Buffer.from(bytes).toString();
    if (text.includes(wanted)) heard.resolve();
  };
  return { line, heard: heard.promise };
}

test("--release takes what the server has published", async () => {
  const { url } = await start();
  const publish = await fetch(`${url}/v1/releases`, {
    method: "POST",
    body: Buffer.from(makeImage({ version: "1.2.0" })),
  });
  expect(publish.status).toBe(201);
  const flash = ["flash", "--server", url, "--port", "/dev/no-such-port", "--json"];
  // It has the image by then: only the port is missing.
  const known = await run(...flash, "--release", "1.2.0");
  expect(JSON.parse(known.stdout)).toMatchObject({ error: { code: "port_not_found" } });
  const unknown = await run(...flash, "--release", "9.9.9");
  expect(unknown.code).toBe(4);
  expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { code: "not_found" } });
});

test.each([
  ["nothing to flash", ["flash"], 2, "nothing_to_flash"],
  ["two things to flash", ["flash", "--image", app, "--release", "1.0.0"], 2, "usage"],
  ["a value and a stream", ["flash", "--image", app, "--monitor"], 2, "usage"],
  ["an impossible rate", ["flash", "--image", app, "--baud", "1"], 2, "usage"],
  ["no file", ["flash", "--image", join(folder, "none.bin")], 4, "file_not_found"],
  ["no image", ["flash", "--image", keep("text.bin", "hello")], 1, "image_invalid"],
  [
    "half an image",
    ["flash", "--image", keep("half.bin", (await appImage("it runs")).subarray(0, 4_000))],
    1,
    "image_corrupt",
  ],
  ["an application on an erased chip", ["flash", "--image", app, "--erase"], 2, "image_not_merged"],
  ["no such port", ["flash", "--image", app, "--port", "/dev/none"], 4, "port_not_found"],
  [
    "nobody there",
    ["flash", "--image", app, "--port", "rfc2217://127.0.0.1:1"],
    4,
    "port_not_found",
  ],
  ["a board that nobody reaches", ["sim", "board"], 2, "usage"],
  ["a board in two ways", ["sim", "board", "--pty", "--rfc2217", "0"], 2, "usage"],
  ["an id that is none", ["sim", "board", "--pty", "--device-id", "a b"], 2, "usage"],
  ["a flash that is none", ["sim", "board", "--rfc2217", "0", "--flash", app], 1, "flash_invalid"],
  [
    "a flash that could not be kept",
    ["sim", "board", "--rfc2217", "0", "--flash", join(folder, "gone", "chip.bin")],
    1,
    "output_unusable",
  ],
  ["ports of nothing", ["ports", "extra"], 2, "usage"],
])("%s: %j ends with %i, %s", async (_what, args, code, reason) => {
  const end = await run(...args, "--json");
  expect(JSON.parse(end.stdout)).toMatchObject({ error: { code: reason } });
  expect(end.code).toBe(code);
});

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { beginHead, beginUpload } from "../server-min/started-server.ts";
import { RunningCommand } from "./running-command.ts";

const folder = mkdtempSync(join(tmpdir(), "skyfeeder-stop-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NPM = ["npm", "start", "--"] as const;
const NODE = [process.execPath, "cli/skyfeeder.js", "start"] as const;

/** A server with an upload that waits for the second half of its body. */
async function startWithUpload([command, ...args]: readonly [string, ...string[]]) {
  const data = mkdtempSync(join(folder, "data-"));
  const options = ["--port", "0", "--devices", "0", "--no-browser", "--data", data];
  const running = new RunningCommand(command, [...args, ...options]);
  const url = await running.firstLine();
  const { socket: upload } = await beginUpload({ url }, 8);
  upload.write("half");
  // Cut when the server has waited for all that is no upload, 1.5 s.
  const slowHead = await beginHead({ url }, "GET /");
  const stopping = once(slowHead, "close");
  return { running, upload, stopping };
}

test.each([
  ["SIGTERM to npm", NPM, "SIGTERM"],
  ["SIGTERM to the server", NODE, "SIGTERM"],
  ["SIGINT to the server", NODE, "SIGINT"],
] as const)("%s lets an upload finish and exits with 0", async (_, command, signal) => {
  const { running, upload, stopping } = await startWithUpload(command);
  running.signal(signal);
  await stopping;
  upload.write("more");
  const [answer] = await once(upload, "data");
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200/);
  const { code, stderr } = await running.end();
  expect(code).toBe(0);
  expect(stderr).toContain("Stopping when 1 under way are done");
});

test("Ctrl-C under npm lets an upload finish and exits with 0", async () => {
  const { running, upload, stopping } = await startWithUpload(NPM);
  const ended = running.interrupt();
  await stopping;
  upload.write("more");
  await once(upload, "data");
  expect(await ended).toMatchObject({ code: 0 });
});

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const)("a second %s ends at once", async (signal, exitCode) => {
  const { running, upload, stopping } = await startWithUpload(NODE);
  running.signal(signal);
  await stopping;
  running.signal(signal);
  expect(await running.end()).toMatchObject({ code: exitCode });
  upload.destroy();
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { RELEASE_KEY, RELEASE_KEY_PEM } from "../release-key.ts";
import { makeImage } from "../server-min/firmware-fixture.ts";
import { CommandHome } from "./command-home.ts";
import { RunningCommand } from "./running-command.ts";

const folder = mkdtempSync(join(tmpdir(), "skyfeeder-key-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const QUIET = ["--port", "0", "--devices", "0", "--no-browser", "--json"];

function keyFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** The key that a server started so signs with. */
async function kidOf(options: readonly string[], env = {}): Promise<unknown> {
  const args = ["cli/skyfeeder.js", "start", "--data", join(folder, "data"), ...QUIET, ...options];
  const running = new RunningCommand(process.execPath, args, env);
  const { url } = JSON.parse(await running.firstLine()) as { url: string };
  const init = { method: "POST", body: makeImage() };
  const release = (await (await fetch(`${url}/v1/releases`, init)).json()) as { kid: unknown };
  const end = await running.interrupt();
  expect(end.stdout + end.stderr).not.toContain("PRIVATE");
  return release.kid;
}

test("npm start signs with the key of a file, or of the environment", async () => {
  const file = keyFile("key.pem", RELEASE_KEY_PEM);
  expect(await kidOf(["--signing-key", file])).toBe(RELEASE_KEY?.kid);
  expect(await kidOf([], { SKYFEEDER_SIGNING_KEY: RELEASE_KEY_PEM })).toBe(RELEASE_KEY?.kid);
});

test.each([
  [
    "a file that is not there",
    ["--signing-key", join(folder, "none.pem")],
    "",
    "file_not_found",
    4,
  ],
  ["a file without one", ["--signing-key", keyFile("none.txt", "a key")], "", "bad_signing_key", 1],
  ["an environment without one", [], "a key", "bad_signing_key", 1],
])("no key in %s is an error that says no secret", async (_, options, pem, code, exitCode) => {
  const args = ["start", "--data", join(folder, "unused"), ...QUIET, ...options];
  const end = await new CommandHome(folder).run(args, { SKYFEEDER_SIGNING_KEY: pem });
  expect(end.code).toBe(exitCode);
  expect(JSON.parse(end.stdout)).toMatchObject({ error: { code } });
  expect(end.stdout + end.stderr).not.toContain("a key");
});

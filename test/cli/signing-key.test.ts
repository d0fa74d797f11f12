import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { RELEASE_KEY, RELEASE_KEY_PEM } from "../release-key.ts";
import { makeImage } from "../server-min/firmware-fixture.ts";
import { RunningCommand, skyfeeder } from "./running-command.ts";

const folder = mkdtempSync(join(tmpdir(), "skyfeeder-key-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const QUIET = ["--port", "0", "--devices", "0", "--no-browser", "--json"];

function keyFile(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** The key that a server started so signs with. */
async function kidOf(...options: string[]): Promise<unknown> {
  const args = ["cli/skyfeeder.js", "start", "--data", join(folder, "data"), ...QUIET, ...options];
  const running = new RunningCommand(process.execPath, args);
  const { url } = JSON.parse(await running.firstLine()) as { url: string };
  const init = { method: "POST", body: makeImage() };
  const release = (await (await fetch(`${url}/v1/releases`, init)).json()) as { kid: unknown };
  const end = await running.interrupt();
  expect(end.stdout + end.stderr).not.toContain("PRIVATE");
  return release.kid;
}

test("npm start signs with the key of a file, or of the environment", async () => {
  expect(await kidOf("--signing-key", keyFile("key.pem", RELEASE_KEY_PEM))).toBe(RELEASE_KEY?.kid);
  vi.stubEnv("SKYFEEDER_SIGNING_KEY", RELEASE_KEY_PEM);
  expect(await kidOf()).toBe(RELEASE_KEY?.kid);
}, 40_000);

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
  vi.stubEnv("SKYFEEDER_SIGNING_KEY", pem);
  const end = await skyfeeder("start", "--data", join(folder, "unused"), ...QUIET, ...options);
  expect(end.code).toBe(exitCode);
  expect(JSON.parse(end.stdout)).toMatchObject({ error: { code } });
  expect(end.stdout + end.stderr).not.toContain("a key");
});

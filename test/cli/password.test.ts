import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder, start } from "../server-min/started-server.ts";
import { CommandHome } from "./command-home.ts";
import { hasTerminals, onTerminal } from "./running-command.ts";

const FIRST = "robins at the feeder";
const SECOND = "wrens in the hedge";

async function openFolder() {
  const folder = await makeFolder();
  const home = new CommandHome(folder);
  const set = (password: string, ...options: string[]) =>
    home.runWithInput(["password", "--stdin", "--data", folder, ...options], `${password}\n`);
  return { folder, home, set, file: join(folder, "admin-password") };
}

async function logIn(url: string, password: string) {
  const body = JSON.stringify({ password });
  const { status, headers } = await fetch(`${url}/v1/session`, { method: "POST", body });
  return { status, cookie: headers.get("Set-Cookie")?.split(";", 1)[0] ?? "" };
}

test("a password that was set is asked for from the next start on, and ends the sessions of the one before", async () => {
  const { folder, set, file } = await openFolder();
  const { code, stdout } = await set(FIRST);
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(file) });
  expect(stdout).toContain("at its next start");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).not.toContain(FIRST);

  const before = await start({ dataDir: folder });
  const { status, cookie } = await logIn(before.url, FIRST);
  expect(status).toBe(204);
  const headers = { Cookie: cookie };
  const made = await fetch(`${before.url}/v1/api-keys`, {
    ...{ method: "POST", headers, body: `{"name":"screen"}` },
  });
  const { key } = (await made.json()) as { key: string };
  await before.close();

  const again = await start({ dataDir: folder });
  expect((await fetch(`${again.url}/v1/session`, { headers })).status).toBe(200);
  await again.close();

  await set(SECOND);
  const after = await start({ dataDir: folder });
  expect((await fetch(`${after.url}/v1/session`, { headers })).status).toBe(401);
  expect(await logIn(after.url, FIRST)).toMatchObject({ status: 401 });
  expect(await logIn(after.url, SECOND)).toMatchObject({ status: 204 });
  const program = await fetch(`${after.url}/v1/audit`, { headers: { "X-API-Key": key } });
  expect(program.status).toBe(200);
});

test.each(["short", ""])("%j is no password", async (password) => {
  const { set, file } = await openFolder();
  const { code, stdout } = await set(password, "--json");
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "weak_password" } });
  expect(existsSync(file)).toBe(false);
});

test("the folder is the settings file's, which may take its password from elsewhere", async () => {
  const { folder, home } = await openFolder();
  const config = join(folder, "skyfeeder.toml");
  writeFileSync(config, 'dataDir = "kept"\nadminPasswordFile = "secret"\n');
  const args = ["password", "--stdin", "--json", "--config", config];
  const { stdout } = await home.runWithInput(args, FIRST);
  expect(JSON.parse(stdout)).toEqual({
    file: join(folder, "kept/admin-password"),
    overriddenBy: join(folder, "secret"),
  });
});

test("a folder that cannot be written to is refused", async () => {
  const { home } = await openFolder();
  const args = ["password", "--stdin", "--data", "/dev/null/data"];
  const { code, stderr } = await home.runWithInput(args, FIRST);
  expect(code).toBe(1);
  expect(stderr).toContain("(output_unusable)\ntry: --data FOLDER");
});

test.skipIf(!hasTerminals).each([
  [FIRST, FIRST, 0, "The password is set"],
  [FIRST, SECOND, 2, "(password_mismatch)"],
])("%j and again %j at a terminal, which shows neither: %i", async (first, second, code, words) => {
  const { folder, file } = await openFolder();
  const command = `${process.execPath} cli/skyfeeder.js password --data ${folder}`;
  const running = onTerminal(command);
  await running.answer(/New password: /, `${first}\r`);
  await running.answer(/The same again: /, `${second}\r`);
  const end = await running.end();
  expect(end.code).toBe(code);
  expect(end.stdout).toContain(words);
  for (const password of [first, second]) expect(end.stdout).not.toContain(password);
  expect(existsSync(file)).toBe(code === 0);
});

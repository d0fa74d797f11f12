import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PHOTO } from "../server-fixture.ts";
import { makeFolder, presign, start, tryStart } from "../started-server.ts";

async function logIn(url: string, password: string, headers: Record<string, string> = {}) {
  const init = { method: "POST", headers, body: JSON.stringify({ password }) };
  return fetch(`${url}/v1/session`, init);
}

describe("a server for other machines", () => {
  test("makes its password once, where somebody reads it, and keeps it", async () => {
    const dataDir = await makeFolder();
    const options = { host: "0.0.0.0", dataDir };
    const first = await start({ ...options, mayMakePassword: true });
    const told = first.notices.join("\n");
    const [, password = ""] = /told only now: ([a-z2-9-]{19})$/m.exec(told) ?? [];
    expect((await logIn(first.url, password)).status).toBe(204);
    await first.close();

    const next = await start(options);
    expect(next.notices.join("\n")).not.toContain(password);
    expect((await logIn(next.url, password)).status).toBe(204);
    expect((await fetch(`${next.url}/v1/devices`)).status).toBe(401);
  });

  test("does not start without one, where nobody would read it", async () => {
    const { started } = await tryStart({ host: "0.0.0.0" });
    expect(started).toEqual({ kind: "failed", reason: "insecure_bind" });
  });

  test("does not start with one that is short", async () => {
    const { started } = await tryStart({ adminPassword: "7 chars" });
    expect(started).toEqual({ kind: "failed", reason: "weak_password" });
  });

  test("does not open where the file of its password is damaged", async () => {
    const dataDir = await makeFolder();
    await writeFile(join(dataDir, "admin-password"), "");
    const { started } = await tryStart({ dataDir });
    expect(started).toEqual({ kind: "failed", reason: "password_file_damaged" });
  });
});

test.each([
  [["127.0.0.1"], "203.0.113.7"],
  [[], "127.0.0.1"],
])("with %j as proxies, a wrong password counts for %s", async (trustedProxies, address) => {
  const adminPassword = "great tits at dawn";
  const { url } = await start({ adminPassword, trustedProxies });
  await logIn(url, "a guess", { "X-Forwarded-For": "203.0.113.7" });
  const session = await logIn(url, adminPassword);
  const headers = { Cookie: session.headers.get("Set-Cookie")?.split(";", 1)[0] ?? "" };
  const { entries } = await (await fetch(`${url}/v1/audit`, { headers })).json();
  expect(entries[1]).toMatchObject({ action: "log_in_refused", target: address });
});

test.each([
  [true, 200],
  [false, 403],
])(
  "with the same secrets: %s, one process answers %i to another's upload",
  async (shared, status) => {
    const secretsFile = join(await makeFolder(), "secrets.json");
    const secrets = shared ? { secretsFile } : {};
    const [one, other] = [await start(secrets), await start(secrets)];
    const { uploadUrl, headers } = await presign(one);
    const { pathname } = new URL(uploadUrl);
    const answer = await fetch(`${other.url}${pathname}`, { method: "PUT", headers, body: PHOTO });
    expect(answer.status).toBe(status);
  },
);

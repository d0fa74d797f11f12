import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { readSigningKey } from "../../server-min/firmware/signing-key.ts";
import { startServer } from "../../server-min/node.ts";
import { RELEASE_KEY, RELEASE_KEY_PEM } from "../release-key.ts";
import { makeImage } from "./firmware-fixture.ts";
import { makeFolder, start, tryStart } from "./started-server.ts";

const IMAGE = makeImage({ bytes: 300_000 });

async function publish(url: string, body: BodyInit = IMAGE) {
  const answer = await fetch(`${url}/v1/releases`, { method: "POST", body });
  return { status: answer.status, body: await answer.json() };
}

async function offer(url: string): Promise<{ url: string; jws: string }> {
  const body = JSON.stringify({ deviceId: "feeder-1", current_version: "0.9.0" });
  const answer = await fetch(`${url}/api/v1/check-update`, { method: "POST", body });
  return (await answer.json()).manifest;
}

/** Starts as a person does who has no key. */
async function startWithoutKey(dataDir: string) {
  const notices: string[] = [];
  const notice = (text: string) => void notices.push(text);
  const started = await startServer({ host: "127.0.0.1", port: 0, dataDir, notice });
  if (started.kind === "failed") throw new Error(JSON.stringify(started));
  return { ...started, notices };
}

test("an image crosses the wire both ways, and is offered and sent on after a restart", async () => {
  const dataDir = await makeFolder();
  const server = await start({ dataDir });
  expect((await publish(server.url)).status).toBe(201);
  await server.close();

  const restarted = await start({ dataDir });
  const offered = await offer(restarted.url);
  const whole = await fetch(offered.url);
  expect(Buffer.from(await whole.arrayBuffer()).equals(IMAGE)).toBe(true);
  const rest = await fetch(offered.url, { headers: { Range: "bytes=200000-" } });
  expect(rest.status).toBe(206);
  expect(Buffer.from(await rest.arrayBuffer()).equals(IMAGE.subarray(200_000))).toBe(true);
  expect((await publish(restarted.url)).status).toBe(200);
});

test("a database from before there was firmware is brought up to date, with what is in it", async () => {
  const dataDir = await makeFolder();
  const server = await start({ dataDir });
  await fetch(`${server.url}/v1/discovery/feeder-1`);
  await server.close();
  const database = new DatabaseSync(join(dataDir, "skyfeeder.db"));
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  const later = tables.filter(({ name }) => !/^(objects|devices|sqlite_.*)$/.test(String(name)));
  for (const { name } of later) database.exec(`DROP TABLE ${name}`);
  for (const index of ["objects_to_expire", "objects_to_free", "objects_to_forget"]) {
    database.exec(`DROP INDEX ${index}`);
  }
  for (const column of ["saved_at_ms", "removed_at_ms", "freed_at_ms"]) {
    database.exec(`ALTER TABLE objects DROP COLUMN ${column}`);
  }
  for (const column of ["told_name", "given_name"]) {
    database.exec(`ALTER TABLE devices DROP COLUMN ${column}`);
  }
  database.exec("PRAGMA user_version = 1");
  database.close();

  const updated = await start({ dataDir });
  const { devices } = await (await fetch(`${updated.url}/v1/devices`)).json();
  expect(devices).toMatchObject([{ deviceId: "feeder-1" }]);
  expect((await publish(updated.url)).status).toBe(201);
});

test("an image that is too large is refused while it comes", async () => {
  const { url } = await start();
  expect(await publish(url, new Uint8Array(5_000_000))).toMatchObject({
    status: 413,
    body: { code: "body_too_large" },
  });
});

test("a server on loopback makes a key of its own, once, and says what firmware must trust", async () => {
  const dataDir = await makeFolder();
  const first = await startWithoutKey(dataDir);
  await publish(first.url);
  await first.close();
  const file = join(dataDir, "signing-key.pem");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const key = readSigningKey(await readFile(file, "utf8"));
  expect(first.notices.at(-1)).toContain(`developmentKey=${key?.firmwareKey}`);

  const second = await startWithoutKey(dataDir);
  expect(second.notices).toHaveLength(1);
  const [header = ""] = (await offer(second.url)).jws.split(".");
  expect(JSON.parse(Buffer.from(header, "base64url").toString()).kid).toBe(key?.kid);
  await second.close();
});

test("a given key is used, kept out of the folder, and never told", async () => {
  const dataDir = await makeFolder();
  const server = await start({ dataDir, signingKey: RELEASE_KEY_PEM });
  expect((await publish(server.url)).body.kid).toBe(RELEASE_KEY?.kid);
  await expect(stat(join(dataDir, "signing-key.pem"))).rejects.toThrow("ENOENT");
  const secret = RELEASE_KEY?.privateKey.export({ format: "jwk" }).d ?? "";
  const told = [...server.notices, JSON.stringify(await publish(server.url))].join();
  expect(told).not.toMatch(new RegExp(`PRIVATE KEY|${secret}`));
});

test.each(["", "no key", RELEASE_KEY_PEM.replace("MIGH", "MIGI")])(
  "a key that is none, %#, is a reason not to start",
  async (signingKey) => {
    const { started } = await tryStart({ signingKey });
    expect(started).toEqual({ kind: "failed", reason: "bad_signing_key" });
  },
);

test("a key of the folder that is spoiled is a reason, and is not replaced", async () => {
  const dataDir = await makeFolder();
  const file = join(dataDir, "signing-key.pem");
  await writeFile(file, "spoiled");
  const notice = () => {};
  const started = await startServer({ host: "127.0.0.1", port: 0, dataDir, notice });
  expect(started).toMatchObject({
    reason: "data_dir_unusable",
    detail: expect.stringContaining(file),
  });
  expect(await readFile(file, "utf8")).toBe("spoiled");
});

test("a server for other machines publishes nothing without a key that was given to it", async () => {
  const dataDir = await makeFolder();
  const options = { host: "0.0.0.0", port: 0, dataDir, insecure: true, notice: () => {} };
  const started = await startServer(options);
  if (started.kind === "failed") throw new Error(started.reason);
  expect(await publish(started.url, "an image")).toMatchObject({
    status: 503,
    body: { code: "signing_key_missing" },
  });
  await started.close();
});

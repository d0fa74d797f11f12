import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Check } from "../../cli/doctor/check.ts";
import { makeFolder, start } from "../server-min/started-server.ts";
import { CommandHome } from "./command-home.ts";
import { skyfeeder } from "./running-command.ts";

/** What the doctor says of a machine with these settings; `of` is one of its checks. */
async function doctor(settings: string, env: Readonly<Record<string, string>> = {}) {
  const file = join(await makeFolder(), "skyfeeder.toml");
  await writeFile(file, settings);
  const bare = { MODDABLE: "", IDF_PATH: "" };
  const home = new CommandHome(dirname(file));
  const end = await home.run(["doctor", "--json", "--config", file], { ...bare, ...env });
  const { ok, checks } = JSON.parse(end.stdout) as { ok: boolean; checks: Check[] };
  const wrong = checks.filter(({ state }) => state === "wrong").map(({ name }) => name);
  const of = (name: string) => checks.find((check) => check.name === name);
  return { code: end.code, ok, wrong, of };
}

async function someoneElse(): Promise<string> {
  const server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await new Promise((listening) => server.on("listening", listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a machine without settings is well, and is told what feeders elsewhere would need", async () => {
  const { code, ok, wrong, of } = await doctor('dataDir = "none-yet"');
  // A board that is plugged in here, and is not for this user, is another matter.
  expect(wrong.filter((name) => name !== "ports")).toEqual([]);
  expect({ code, ok }).toEqual({ code: wrong.length, ok: wrong.length === 0 });
  expect(of("node")?.detail).toContain(process.version);
  expect(of("disk")).toMatchObject({ state: "ok" });
  expect(of("ports")).toMatchObject({ detail: expect.any(String) });
  expect(of("clock")).toMatchObject({ detail: expect.any(String) });
  expect(of("sdk")).toMatchObject({ state: "note", hint: expect.stringContaining("moddable.md") });
  expect(of("publicUrl")).toMatchObject({
    state: "note",
    hint: expect.stringContaining("publicUrl ="),
  });
  expect(of("data")).toMatchObject({ state: "note", hint: "npm start" });
});

test("a data folder that cannot be examined is one finding among the others", async () => {
  const elsewhere = await makeFolder();
  await writeFile(join(elsewhere, "notes.txt"), "of somebody");
  const { code, ok, of } = await doctor(`dataDir = "${elsewhere}"`);
  expect({ code, ok }).toEqual({ code: 1, ok: false });
  expect(of("data")).toMatchObject({ state: "wrong", hint: expect.stringContaining("--data") });
  expect(of("node")).toMatchObject({ state: "ok" });
});

test("the public address is asked whether it leads to the server", async () => {
  const server = await start();
  expect((await doctor(`publicUrl = "${server.url}"`)).of("publicUrl")).toMatchObject({
    state: "ok",
  });
  await server.close();
  const away = await doctor(`publicUrl = "${server.url}"`);
  expect(away.of("publicUrl")).toMatchObject({ state: "wrong" });
  expect({ code: away.code, ok: away.ok }).toEqual({ code: 1, ok: false });
  const other = await doctor(`publicUrl = "${await someoneElse()}"`);
  expect(other.of("publicUrl")?.detail).toContain("not as a SkyFeeder server");
});

test("a broker that is not there, and a password file that is not either, are told", async () => {
  const away = await doctor('[mqtt]\nurl = "mqtt://127.0.0.1:9"');
  expect(away.of("broker")).toMatchObject({
    state: "wrong",
    detail: expect.stringContaining("ECONNREFUSED"),
  });
  const settings = '[mqtt]\nurl = "mqtt://127.0.0.1:9"\nusername = "sky"\npasswordFile = "none"';
  expect((await doctor(settings)).of("broker")?.detail).toContain("cannot be read");
});

test("the certificate must be there, in time, and for the public name", async () => {
  const out = join(await makeFolder(), "certs");
  const made = await skyfeeder("cert", "--name", "garden.lan", "--out", out, "--json");
  const { certificate, key } = JSON.parse(made.stdout);
  const tls = `[tls]\ncertFile = "${certificate}"\nkeyFile = "${key}"`;
  const good = await doctor(`publicUrl = "https://garden.lan:8443"\n${tls}`);
  expect(good.of("certificate")).toMatchObject({ state: "ok" });
  const other = await doctor(`publicUrl = "https://shed.lan"\n${tls}`);
  expect(other.of("certificate")).toMatchObject({
    state: "wrong",
    hint: expect.stringContaining("shed.lan"),
  });
  const none = await doctor('[tls]\ncertFile = "none.pem"\nkeyFile = "none.pem"');
  expect(none.of("certificate")).toMatchObject({ state: "wrong" });
});

test.each([
  ["an SDK that is gone", { MODDABLE: "/nowhere" }, "wrong"],
  ["an SDK without ESP-IDF", { MODDABLE: "/" }, "note"],
  ["both", { MODDABLE: "/", IDF_PATH: "/" }, "ok"],
])("%s is %s", async (_, env, state) => {
  expect((await doctor("", env)).of("sdk")?.state).toBe(state);
});

test("mistakes in the settings are one of its findings", async () => {
  const { code, of } = await doctor("prot = 8080");
  expect(code).toBe(1);
  expect(of("settings")).toMatchObject({ state: "wrong", detail: expect.stringContaining("prot") });
});

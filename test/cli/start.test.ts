import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { DayIndex } from "../../protocol/day-index.ts";
import { drawnPictures } from "../flows/pictures.ts";
import { CommandHome } from "./command-home.ts";
import { RunningCommand, skyfeeder } from "./running-command.ts";

const PASSWORD = "robins at the feeder";
const folder = mkdtempSync(join(tmpdir(), "skyfeeder-start-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All of them, whatever day it has become meanwhile. */
async function photosOf(url: string, headers = {}): Promise<DayIndex["events"]> {
  const ask = async <Answer>(path: string) =>
    (await (await fetch(`${url}/v1/${path}`, { headers })).json()) as Answer;
  const { days = [] } = await ask<{ days?: { date: string }[] }>("days/dev1");
  const indices = days.map(({ date }) => ask<DayIndex>(`index/dev1/${date}`));
  return (await Promise.all(indices)).flatMap(({ events }) => events);
}

/** Listens in as the page does, and is done when there are so many: the first may have come before it listens. */
async function photosWhen(count: number, url: string, headers = {}): Promise<DayIndex["events"]> {
  const answer = await fetch(`${url}/v1/viewer-token`, { method: "POST", headers });
  const { token } = (await answer.json()) as { token: string };
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/ws?token=${token}`);
  const photos = await new Promise<DayIndex["events"]>((resolve) => {
    const look = async () => {
      const there = await photosOf(url, headers);
      if (there.length >= count) resolve(there);
    };
    socket.onmessage = ({ data }) => {
      const { type } = JSON.parse(String(data)) as { type: string };
      if (type === "system" || type === "event.photo") void look();
    };
  });
  socket.close();
  return photos;
}

// Most of these is waiting for a bird.
test.concurrent("npm start shows a first photo, keeps it over a restart, makes a visit when asked, and ends at Ctrl-C", async () => {
  const args = ["start", "--", "--port", "0", "--no-browser", "--data", join(folder, "data")];
  const first = new RunningCommand("npm", args);
  const url = await first.firstLine();
  const kept = await photosWhen(1, url);
  expect(kept).toHaveLength(1);
  const end = await first.interrupt();
  expect(end).toMatchObject({ code: 0 });
  // An upload that is cut takes ten seconds.
  expect(end.tookMs).toBeLessThan(8_000);

  const second = new RunningCommand("npm", args);
  const again = await second.firstLine();
  expect(await photosOf(again)).toEqual(kept);
  expect(await photosWhen(2, again)).toHaveLength(2);
  await second.interrupt();
}, 120_000);

async function logIn(url: string): Promise<Record<string, string>> {
  const body = JSON.stringify({ password: PASSWORD });
  const answer = await fetch(`${url}/v1/session`, { method: "POST", body });
  const [Cookie = ""] = answer.headers.getSetCookie()[0]?.split(";", 1) ?? [];
  return { Cookie };
}

test.concurrent("with a password npm start lets its own feeders in by the codes they show, and nobody else", async () => {
  const args = ["cli/skyfeeder.js", "start", "--port", "0", "--no-browser"];
  const env = { SKYFEEDER_ADMIN_PASSWORD: PASSWORD };
  const data = ["--data", join(folder, "closed-data")];
  const running = new RunningCommand(process.execPath, [...args, ...data], env);
  const url = await running.firstLine();
  const operator = await logIn(url);
  expect(await photosWhen(1, url, operator)).toHaveLength(1);
  expect((await fetch(`${url}/v1/index/dev1/2026-06-01`)).status).toBe(401);
  const audit = (await (await fetch(`${url}/v1/audit`, { headers: operator })).json()) as object;
  expect(JSON.stringify(audit)).toMatch(/"starter".*"approve_device".*"dev1"/);
  const end = await running.interrupt();
  expect(end.stderr).toMatch(/dev1: info identity: claim code [A-Z]{4}-[A-Z]{4}/);
}, 120_000);

test.concurrent("--photos shows the folder's pictures, byte for byte, and says what it left out", async () => {
  const photos = mkdtempSync(join(folder, "photos-"));
  const picture = drawnPictures()();
  writeFileSync(join(photos, "robin.jpg"), picture);
  writeFileSync(join(photos, "notes.jpg"), "no picture at all");
  mkdirSync(join(photos, "album.jpg"));
  symlinkSync(join(photos, "gone"), join(photos, "gone.jpeg"));
  const options = ["--port", "0", "--data", join(folder, "photo-data"), "--no-browser", "--json"];
  const running = new RunningCommand(process.execPath, [
    "cli/skyfeeder.js",
    "start",
    ...options,
    ...["--photos", photos, "--public-url", "HTTPS://birds.example/feeder/"],
  ]);
  const { url } = JSON.parse(await running.firstLine()) as { url: string };
  const [entry] = await photosWhen(1, url);
  expect(entry?.sha256).toBe(createHash("sha256").update(picture).digest("hex"));
  const end = await running.interrupt();
  for (const name of ["notes.jpg", "album.jpg", "gone.jpeg"]) {
    expect(end.stderr).toContain(`left out ${name}`);
  }
  // No terminal: what else reads standard error gets JSON.
  const lines = end.stderr.split("\n").filter((line) => line.startsWith("{"));
  const told = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(told).toContainEqual(expect.stringMatching(/^Gallery at http/));
  expect(told).toContain("request");
}, 120_000);

test("a taken port is an error with the next step", async () => {
  const blocker = createServer().listen(0, "127.0.0.1");
  await new Promise((listening) => blocker.on("listening", listening));
  const { port } = blocker.address() as { port: number };
  const args = ["start", "--port", `${port}`, "--data", join(folder, "taken"), "--no-browser"];
  const plain = await skyfeeder(...args);
  expect(plain).toMatchObject({ code: 1, stdout: "" });
  expect(plain.stderr).toContain(`error: port ${port} is taken (port_taken)`);
  expect(plain.stderr).toContain(`try: npm start -- --port ${port + 1}`);
  const json = await skyfeeder(...args, "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: "port_taken" } });
  blocker.close();
});

test("a database that is not there is an error with the next step, and without its password", async () => {
  const blocker = createServer().listen(0, "127.0.0.1");
  await new Promise((listening) => blocker.on("listening", listening));
  const { port } = blocker.address() as { port: number };
  await new Promise((closed) => blocker.close(closed));
  const config = join(folder, "skyfeeder.toml");
  const url = `postgres://sky:s3cret@127.0.0.1:${port}/birds`;
  writeFileSync(config, `port = 0\ndataDir = "no-database"\n[database]\nurl = "${url}"\n`);
  const end = await skyfeeder("start", "--config", config, "--no-browser", "--json");
  expect(end.code).toBe(1);
  expect(JSON.parse(end.stdout)).toMatchObject({
    error: {
      code: "database_unreachable",
      message: expect.stringContaining(`127.0.0.1:${port}/birds: connect ECONNREFUSED`),
      hint: expect.stringContaining("start PostgreSQL"),
    },
  });
  expect(end.stdout + end.stderr).not.toContain("s3cret");
});

test.each([
  [["start", "--port", "http"], "usage", 2],
  [["start", "--port", "65536"], "usage", 2],
  [["start", "--devices", "-1"], "usage", 2],
  [["start", "--devices", "1e9"], "usage", 2],
  [["start", "--visit-every", "soon"], "usage", 2],
  [["start", "--visit-every", "2s"], "usage", 2],
  [["start", "--also-listen", "8081,x"], "usage", 2],
  [["start", "--colour", "red"], "usage", 2],
  [["strat"], "usage", 2],
  [["start", "--host", "0.0.0.0", "--port", "0"], "insecure_bind", 2],
  [["start", "--public-url", "feeder.local", "--port", "0"], "bad_public_url", 2],
  [["start", "--photos", "/nowhere/at/all"], "photos_unusable", 4],
  [["start", "--data", ""], "usage", 2],
  [["start", "--host", "::1"], "ipv6_feeders", 2],
  [["start", "--public-url", "http://[::1]:8080"], "ipv6_feeders", 2],
  ...["/dev/null/data", "/proc/birds", "/proc/birds/data", "/sys/birds", "/etc/hostname"].map(
    (data): [string[], string, number] => {
      return [["start", "--data", data, "--port", "0"], "data_dir_unusable", 1];
    },
  ),
])("skyfeeder %j is refused as %s", async (args, code, exitCode) => {
  const home = new CommandHome(folder);
  const json = await home.run([...args, "--no-browser", "--json"]);
  expect(json.code).toBe(exitCode);
  const { error } = JSON.parse(json.stdout) as { error: Record<string, string> };
  expect(error).toMatchObject({ code });
  expect(error.hint).toMatch(/npm /);
  const plain = await home.run([...args, "--no-browser"]);
  expect(plain).toMatchObject({ code: exitCode, stdout: "" });
  expect(plain.stderr).not.toMatch(/^ +at /m);
});

test.each(["", "--help", "start --help", "--version"])(
  "skyfeeder %s answers on standard output",
  async (args) => {
    const end = await skyfeeder(...args.split(" ").filter((arg) => arg !== ""));
    expect(end).toMatchObject({ code: 0, stderr: "" });
    expect(end.stdout).not.toBe("");
  },
);

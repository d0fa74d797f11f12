import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { runFleet } from "../../cli/sim/fleet/fleet.ts";
import { driveServer } from "../../cli/sim/fleet/fleet-drive.ts";
import { DrivenFeeder } from "../../cli/sim/fleet/fleet-tally.ts";
import { FleetWorld } from "../../cli/sim/fleet/fleet-world.ts";
import { drawVisits } from "../../cli/sim/pilot/birds.ts";
import { buildFirmware } from "../../cli/sim/update-world.ts";
import { randomStream } from "../../host-sim/random.ts";
import { start } from "../server-min/started-server.ts";
import { skyfeeder } from "./running-command.ts";

const SMALL = { devices: 2, days: 1, visitsADay: 4, seed: 1 };

test("a fleet's stills are all in the gallery, and the same seed is the same fleet", async () => {
  const first = await runFleet(SMALL, () => {});
  if (first.kind === "failed") return expect.fail(first.failure.message);
  const { visits, stills, inGallery, lost, heartbeats, peakMemoryMB, deviceDaysASecond } =
    first.value;
  expect(visits).toBeGreaterThan(4);
  expect(stills).toBeGreaterThanOrEqual(visits);
  expect({ inGallery, lost }).toEqual({ inGallery: stills, lost: 0 });
  // 25 hours of two feeders, less the minute in which they are switched on.
  expect(heartbeats).toBeGreaterThanOrEqual(2 * 25 * 60 - 2);
  expect(peakMemoryMB).toBeGreaterThan(20);
  expect(deviceDaysASecond).toBeGreaterThan(0);
  const again = await runFleet(SMALL, () => {});
  expect(again).toMatchObject({ value: { traceHash: first.value.traceHash } });
}, 60_000);

test("a still that is not in the gallery counts as lost", async () => {
  const size = { ...SMALL, devices: 1 };
  const [first] = drawVisits(randomStream(size.seed, "birds/feeder-1"), size);
  const cameAtMs = first?.atMs ?? expect.fail();
  const fleet = await FleetWorld.build(size, await buildFirmware());
  const lost: number[] = [];
  for (let atMs = cameAtMs; atMs < cameAtMs + 8_000; atMs += 100) {
    await fleet.run(atMs);
    lost.push((await fleet.count()).lost);
  }
  expect(Math.max(...lost)).toBe(1);
  expect([lost[0], lost.at(-1)]).toEqual([0, 0]);
}, 60_000);

test("the same feeders drive a running server over its sockets", async () => {
  const server = await start();
  const lines: string[] = [];
  let uploaded = (): void => {};
  const stop = new Promise<void>((resolve) => {
    uploaded = resolve;
  });
  const outcome = await driveServer({
    server: server.url,
    devices: 2,
    visitEveryMs: 10_000,
    forMs: 30_000,
    stop,
    tell: (line) => {
      lines.push(line);
      const done = lines.filter((told) => told.includes("upload ok"));
      if (new Set(done.map((told) => told.slice(0, 8))).size === 2) uploaded();
    },
  });
  if (outcome.kind === "failed") return expect.fail(outcome.failure.message);
  expect(outcome.value).toMatchObject({ neverOnline: 0, uploadsFailed: 0 });
  expect(lines).toContain("feeder-1: online");
  for (const { deviceId, uploads } of outcome.value.feeders) {
    const answer = await fetch(`${server.url}/v1/days/${deviceId}`);
    expect(await answer.json()).toMatchObject({ days: [{}] });
    expect(uploads).toBeGreaterThan(0);
  }
}, 60_000);

const DRIVE = { devices: 1, visitEveryMs: 10_000, forMs: 1_000, stop: new Promise<void>(() => {}) };

test("of a feeder that waits to be let in its claim code is told", async () => {
  const server = await start({ adminPassword: "correct horse battery" });
  const told = Promise.withResolvers<void>();
  const lines: string[] = [];
  await driveServer({
    ...DRIVE,
    server: server.url,
    forMs: 30_000,
    stop: told.promise,
    tell: (line) => {
      lines.push(line);
      if (line.includes("claim")) told.resolve();
    },
  });
  const waits = /^feeder-1: waits to be let in, claim code [A-Z]{4}-[A-Z]{4}$/;
  expect(lines).toContainEqual(expect.stringMatching(waits));
}, 60_000);

test("a server that does not answer, or is another, is said to be so", async () => {
  const other = createServer((_request, answer) => answer.writeHead(404).end());
  await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
  const server = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const tell = (): void => {};
  const code = "server_unreachable";
  expect(await driveServer({ ...DRIVE, server, tell })).toMatchObject({
    failure: { code, message: `${server} answers 404 and is no SkyFeeder` },
  });
  await new Promise((closed) => other.close(closed));
  expect(await driveServer({ ...DRIVE, server, tell })).toMatchObject({
    failure: { code, message: `nothing answers at ${server}`, exitCode: 4 },
  });
});

test("what a server refuses is told of and counted", async () => {
  const lines: string[] = [];
  const driven = new DrivenFeeder("feeder-1", (line) => lines.push(line));
  const answers = [503, 403, 200];
  const port = driven.between({
    request: async () => {
      const status = answers.shift();
      if (status === undefined) throw new Error("refused");
      return new Response(null, { status });
    },
    connect: () => ({ send: () => {}, close: () => {} }),
  });
  const ask = (method: string, url: string) =>
    port.request({ method, url, headers: new Headers(), body: new Uint8Array(9) });
  await ask("POST", "http://s/v1/presign/put");
  await ask("PUT", "http://s/fput/1");
  await ask("PUT", "http://s/fput/1");
  await expect(ask("PUT", "http://s/fput/1")).rejects.toThrow("refused");
  expect(lines).toEqual([
    "feeder-1: presign failed: answered 503",
    "feeder-1: upload failed: answered 403",
    "feeder-1: upload ok, 9 bytes",
    "feeder-1: upload failed: no connection",
  ]);
  expect(driven.tally()).toMatchObject({ uploads: 1, uploadsFailed: 3 });
});

test.each([
  "--devices 0",
  "--server ftp://somewhere",
  "--server http://[::1]:8080",
  "--visit-every 2s",
  "--for soon",
  "--for 10m",
  "--visit-every 20s",
  "--server http://127.0.0.1:1 --seed 7",
  "--server http://127.0.0.1:1 --visits-a-day 40",
  "--server http://127.0.0.1:1 --for 10m --days 2",
  "--server http://me@127.0.0.1:1",
  "--server http://127.0.0.1:1/?page=2",
])("sim fleet %s is a wrong use", async (args) => {
  const { stdout, code } = await skyfeeder("sim", "fleet", ...args.split(" "), "--json");
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "usage" } });
});

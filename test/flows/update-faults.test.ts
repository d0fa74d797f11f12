import { expect, test } from "vitest";
import { imageOf } from "../../cli/sim/update-world.ts";
import { readPartitions } from "../../host-sim/board/bootloader.ts";
import { SECTOR_BYTES } from "../../host-sim/board/flash.ts";
import type { FirmwareOptions } from "../../host-sim/firmware.ts";
import { makeSigningKey, readSigningKey } from "../../server-min/firmware/signing-key.ts";
import {
  firmware,
  HOUR_MS,
  MINUTE_MS,
  NEW,
  OLD,
  offeredUpdate,
  results,
  runs,
  spoil,
  until,
} from "./updates.ts";

const DAY_MS = 24 * HOUR_MS;
const SIZE_BYTES = 1_200_000;

async function offered(options: FirmwareOptions = {}) {
  const image = imageOf(await firmware(NEW, options));
  return offeredUpdate({ bugsAreFatal: false }, image);
}

test.each<[string, FirmwareOptions, string]>([
  ["throws before anything of it runs", { prelude: "throw new Error('never')" }, "crash"],
  ["throws when it is online", spoil("http.request", "throw new Error('broken')"), "crash"],
  ["hangs at its start", { prelude: "__board.call('processor.hang', [])" }, "watchdog"],
  [
    "hangs when it asks the server",
    spoil("http.request", "call('processor.hang', [])"),
    "watchdog",
  ],
])("an image that %s is taken back for good", async (_what, options, reason) => {
  const system = await offered(options);
  system.board.powerOn();
  expect(await until(system, () => results(system).length > 0)).toBe(true);
  expect(results(system)).toEqual([`rolled_back ${reason}`]);
  await system.server.ask(`/v1/releases/${NEW}/resign`, { method: "POST", body: "{}" });
  await system.world.run(system.world.nowMs + 6 * HOUR_MS);
  expect(results(system)).toEqual([`rolled_back ${reason}`]);
  expect(await runs(system, OLD)).toBe(true);
});

test("an image that trusts other keys would be the last one: it gives itself up", async () => {
  const stranger = readSigningKey(makeSigningKey())?.firmwareKey ?? "";
  const system = await offered({ config: { updateKeys: stranger } });
  system.board.powerOn();
  expect(await until(system, () => results(system).length > 0)).toBe(true);
  expect(results(system)).toEqual(["rolled_back self_test_failed"]);
});

test("an image that never reaches the server goes back at its deadline, twice, and then waits for a new signature", async () => {
  const system = await offered(spoil("http.request", "return undefined;"));
  system.board.powerOn();
  expect(await until(system, () => results(system).length >= 2)).toBe(true);
  await system.world.run(system.world.nowMs + 6 * HOUR_MS);
  expect(results(system)).toEqual([
    "rolled_back server_unreachable",
    "rolled_back server_unreachable",
  ]);
});

test("a server that is away for a day changes nothing but the day", async () => {
  const system = await offered();
  const { world, board, internet } = system;
  internet.reachability = "refused";
  board.powerOn();
  await world.run(DAY_MS);
  internet.reachability = "up";
  expect(await until(system, () => runs(system, NEW), 30 * MINUTE_MS)).toBe(true);
  expect(results(system)).toEqual(["confirmed"]);
});

test("a server that is away for a day in the middle of the download", async () => {
  const image = imageOf(await firmware(NEW), SIZE_BYTES);
  const system = await offeredUpdate({}, image);
  const { world, board, internet } = system;
  board.powerOn();
  await until(system, () => system.stages().some(({ status }) => status === "downloading"));
  internet.reachability = "silent";
  await world.run(world.nowMs + DAY_MS);
  internet.reachability = "up";
  expect(await until(system, () => runs(system, NEW), 30 * MINUTE_MS)).toBe(true);
});

test("a server that goes right after the restart: once more, and then the image waits for a new signature", async () => {
  const system = await offered();
  const { world, board, internet, log } = system;
  let trials = 0;
  let isSignedAnew = false;
  const goAway = (): void => {
    internet.reachability = "refused";
    internet.breakSockets();
    world.after(10 * MINUTE_MS, () => {
      internet.reachability = "up";
    });
  };
  board.powerOn();
  const watch = (): void => {
    const seen = log.filter((line) => line.includes(`${NEW} boot`)).length;
    if (seen > trials && !isSignedAnew) goAway();
    trials = seen;
    world.after(100, watch);
  };
  watch();
  await until(system, () => results(system).length >= 2, 6 * HOUR_MS);
  await world.run(world.nowMs + 6 * HOUR_MS);
  expect(results(system)).toEqual([
    "rolled_back server_unreachable",
    "rolled_back server_unreachable",
  ]);
  expect(trials).toBe(2);
  isSignedAnew = true;
  await system.server.ask(`/v1/releases/${NEW}/resign`, { method: "POST", body: "{}" });
  expect(await until(system, () => runs(system, NEW))).toBe(true);
});

test("over a link of 60 kB/s that drops every 10 s it arrives, and at most a sector is fetched again each time", async () => {
  const image = imageOf(await firmware(NEW), SIZE_BYTES);
  const system = await offeredUpdate({}, image);
  const { board, path } = system;
  board.radio.connectionLifetimeMs = 10_000;
  const asked: number[] = [];
  path.tamper = (answer, request) => {
    if (request.url.includes("/image.bin")) {
      asked.push(Number(/bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1] ?? 0));
    }
    return answer;
  };
  board.powerOn();
  expect(await until(system, () => runs(system, NEW))).toBe(true);
  const starts = asked.slice(0, -2);
  expect(starts.length).toBeGreaterThan(2);
  for (const start of starts) expect(start % 4096).toBe(0);
});

test.each([
  ["ten years ahead", 10 * 365 * DAY_MS, ["refused manifest_expired", "confirmed"]],
  ["in 1970", -56 * 365 * DAY_MS, ["confirmed"]],
])("a server whose clock is %s", async (_what, offMs, expected) => {
  const system = await offered();
  const { board, path, world } = system;
  path.tamper = async (answer) => {
    const text = await answer.clone().text();
    if (!text.includes('"time":"')) return answer;
    const wrong = text.replace(/"time":"([^"]+)"/, (_all, time: string) => {
      return `"time":"${new Date(Date.parse(time) + offMs).toISOString()}"`;
    });
    return new Response(wrong, answer);
  };
  board.powerOn();
  await world.run(HOUR_MS);
  path.tamper = (answer) => answer;
  expect(await until(system, () => runs(system, NEW), 3 * HOUR_MS)).toBe(true);
  expect(results(system)).toEqual(expected);
});

test("a sector that takes no more writes: the update fails, and what runs runs on", async () => {
  const image = imageOf(await firmware(NEW), SIZE_BYTES);
  const system = await offeredUpdate({ bugsAreFatal: false }, image);
  const { board, world } = system;
  const slot = readPartitions(board.flash).find(({ label }) => label === "ota_1");
  const wornOut = (slot?.offsetBytes ?? 0) / SECTOR_BYTES + 100;
  board.flash.watch((operation) => {
    const isThere = operation.kind === "erase" && operation.sector === wornOut;
    board.flash.wornOutAt = isThere ? 0 : Number.POSITIVE_INFINITY;
  });
  board.powerOn();
  await until(system, () => results(system).length > 0);
  expect(results(system)[0]).toBe("failed flash_failed");
  await world.run(world.nowMs + MINUTE_MS);
  expect(await runs(system, OLD)).toBe(true);
});

test("three images in a row that fail bring safe mode, where a good one is still taken", async () => {
  const system = await offeredUpdate(
    { bugsAreFatal: false },
    imageOf(await firmware("1.0.1", { prelude: "throw new Error('one')" })),
  );
  system.board.powerOn();
  for (const version of ["1.0.2", "1.0.3"]) {
    await system.world.run(system.world.nowMs + 30 * MINUTE_MS);
    await system.publish(
      imageOf(await firmware(version, { prelude: `throw new Error('${version}')` })),
    );
  }
  await system.world.run(system.world.nowMs + 30 * MINUTE_MS);
  const log = JSON.stringify(await (await system.server.ask("/v1/ota/log?deviceId=dev1")).json());
  expect(log.match(/"error":"crash"/g)).toHaveLength(3);
  expect(await system.status()).toMatchObject({ safeMode: "updates_failed", version: OLD });
  await system.publish(imageOf(await firmware(NEW)));
  expect(await until(system, () => runs(system, NEW))).toBe(true);
});

test("firmware that fails at every start: three starts, then safe mode", async () => {
  const broken = await firmware(OLD, spoil("hx711.read", "throw new Error('scale')"));
  const system = await offeredUpdate({ firmware: broken, bugsAreFatal: false });
  system.board.powerOn();
  expect(await until(system, () => runs(system, NEW))).toBe(true);
  expect(system.log.join("")).toContain("in safe mode: boots_failed");
});

test("results are told until the server has taken them", async () => {
  const system = await offered({ prelude: "throw new Error('never')" });
  const { path, server, board, world } = system;
  let refused = 0;
  const refusals = [503, 500, 429, 401, 200];
  path.intercept = ({ url }) => {
    if (!url.endsWith("/report-status") || refused >= refusals.length) return undefined;
    // The last is some other page on the way.
    return new Response("<html>", { status: refusals[refused++] ?? 500 });
  };
  board.powerOn();
  await world.run(2 * HOUR_MS);
  expect(refused).toBe(5);
  const log = JSON.stringify(await (await server.ask("/v1/ota/log?deviceId=dev1")).json());
  expect(log).toContain("rolled_back");
  expect(log.match(/"status":"rolled_back"/g)).toHaveLength(1);
});

test("NVS that is full: safe mode at once, and an update is still taken", async () => {
  const nvs = Object.fromEntries(
    Array.from({ length: 5 }, (_, at) => [`other/junk${at}`, "x".repeat(3_800)]),
  );
  const system = await offeredUpdate({ bugsAreFatal: false, nvs });
  system.board.powerOn();
  expect(await until(system, () => runs(system, NEW))).toBe(true);
  expect(system.log.join("")).toContain("in safe mode: storage_failed");
});

test.each<[string, FirmwareOptions, readonly string[]]>([
  ["good", {}, ["confirmed"]],
  ["one that crashes", spoil("http.request", "throw new Error('broken')"), ["rolled_back crash"]],
  ["one that hangs", spoil("http.request", "call('processor.hang', [])"), ["rolled_back watchdog"]],
])(
  "a bootloader that was flashed without rollback, and an image that is %s",
  async (_what, options, expected) => {
    const bootloader = { rollback: false, validation: true };
    const image = imageOf(await firmware(NEW, options));
    const system = await offeredUpdate({ bugsAreFatal: false, bootloader }, image);
    system.board.powerOn();
    expect(await until(system, () => results(system).length > 0)).toBe(true);
    expect(results(system)).toEqual(expected);
    await system.world.run(system.world.nowMs + HOUR_MS);
    expect(await runs(system, expected[0] === "confirmed" ? NEW : OLD)).toBe(true);
  },
);

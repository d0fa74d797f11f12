/** What a bad hop, a hostile path or a failing board may do to an update, and what they must not. */
import { expect, test } from "vitest";
import { imageOf, type UpdateWorld } from "../../cli/sim/update-world.ts";
import { encodeAppImage } from "../../host-sim/board/app-image.ts";
import { ranged, take } from "./attacker.ts";
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

const good = imageOf(await firmware(NEW));

function toldInRoom({ server }: UpdateWorld, payload: object): void {
  server.rooms.publish("dev1", { type: "cmd.ota", payload });
}

function stagesOf({ log }: UpdateWorld, what: string): number {
  return log.filter((line) => line.includes(`update: ${what}`)).length;
}

test("a forged image that was refused is not what a revert goes back to", async () => {
  const forged = new Uint8Array(
    encodeAppImage({
      product: "skyfeeder",
      version: "6.6.6",
      javascript: "trace('evil')",
      padToBytes: good.length,
    }),
  );
  expect(forged.length).toBe(good.length);
  const system = await offeredUpdate();
  take(system, { image: good, serve: ranged(forged) });
  system.board.powerOn();
  await until(system, () => results(system).includes("failed sha256_mismatch"));
  toldInRoom(system, { action: "revert" });
  await system.world.run(system.world.nowMs + 5 * MINUTE_MS);
  expect(results(system)).toContain("refused no_other_image");
  expect(await runs(system, OLD)).toBe(true);
});

test("nor is one that was blocked while it waited", async () => {
  const system = await offeredUpdate({ nvs: { "skyfeeder/updateWindow": "03:00-03:01" } });
  const { board, command, server, world } = system;
  board.powerOn();
  await world.run(10_000);
  await command({ action: "update", version: NEW, force: true });
  await until(system, () => system.stages().some(({ status }) => status === "downloading"));
  await server.ask(`/v1/releases/${NEW}/block`, { method: "POST", body: "{}" });
  await world.run(world.nowMs + HOUR_MS);
  toldInRoom(system, { action: "revert" });
  await world.run(world.nowMs + 5 * MINUTE_MS);
  expect(await runs(system, NEW)).toBe(false);
});

test("what was accepted once is not undercut by an older signature", async () => {
  const system = await offeredUpdate({ nvs: { "skyfeeder/updateWindow": "03:00-03:01" } });
  const { board, command, world } = system;
  board.powerOn();
  await world.run(10_000);
  await command({ action: "update", version: NEW });
  await world.run(5 * MINUTE_MS);
  take(system, { image: good, claims: { sequence: 9 }, serve: ranged(good) });
  await world.run(20 * MINUTE_MS);
  take(system, { image: imageOf(await firmware("1.0.5")), claims: { sequence: 8 } });
  await world.run(40 * MINUTE_MS);
  expect(results(system)).toContain("refused sequence_too_low");
});

/** From the restart into the new image on, for so long. */
function fromTrialOn(
  system: UpdateWorld,
  forMs: number,
  answer: (request: Request) => Response | undefined,
): void {
  const { world, path, log } = system;
  let untilMs = Number.POSITIVE_INFINITY;
  path.intercept = (request) => {
    if (stagesOf({ log } as UpdateWorld, `${NEW} pending`) === 0) return undefined;
    untilMs = Math.min(untilMs, world.nowMs + forMs);
    return world.nowMs < untilMs ? answer(request) : undefined;
  };
}

test.each([429, 404, 401, 302, 500, 200])(
  "a path that answers %i after the restart condemns nothing: the image is tried again and stays",
  async (status) => {
    const system = await offeredUpdate();
    fromTrialOn(system, 8 * MINUTE_MS, ({ url }) =>
      url.endsWith("/heartbeat") ? new Response("<html>", { status }) : undefined,
    );
    system.board.powerOn();
    expect(await until(system, () => runs(system, NEW))).toBe(true);
    expect(results(system)).toEqual(["rolled_back server_unreachable", "confirmed"]);
  },
);

test("a path that answers nonsense to the old image for hours costs the hours", async () => {
  const system = await offeredUpdate();
  const { path, world, board } = system;
  path.intercept = ({ url }) =>
    url.endsWith("/heartbeat") ? new Response(null, { status: 404 }) : undefined;
  board.powerOn();
  await world.run(6 * HOUR_MS);
  path.intercept = () => undefined;
  expect(await until(system, () => runs(system, NEW), HOUR_MS)).toBe(true);
  expect(results(system)).toEqual(["confirmed"]);
});

test("a captive portal in the place of the image is waited out", async () => {
  const system = await offeredUpdate();
  const { path, world, board } = system;
  path.intercept = ({ url }) =>
    url.includes("/image.bin") ? new Response("<html>sign in</html>") : undefined;
  board.powerOn();
  await world.run(2 * HOUR_MS);
  path.intercept = () => undefined;
  expect(await until(system, () => runs(system, NEW), 4 * HOUR_MS)).toBe(true);
  expect(results(system).length).toBeLessThanOrEqual(6);
});

test("an image whose exchanges never end, time-outs and all, ends at the deadline of the trial", async () => {
  const prelude = `{
    const { call } = __board;
    let exchanges = 0;
    __board.call = (operation, args) => {
      if (operation === "http.request") { exchanges++; return undefined; }
      if (operation === "timer.set" && exchanges > 0 && args[1] >= 14_000 && args[1] <= 16_000) return undefined;
      return call(operation, args);
    };
  }`;
  const image = imageOf(await firmware(NEW, { prelude }));
  const system = await offeredUpdate({ bugsAreFatal: false }, image);
  system.board.powerOn();
  expect(await until(system, () => results(system).length >= 1, HOUR_MS)).toBe(true);
  expect(results(system)[0]).toBe("rolled_back server_unreachable");
});

test.each([
  ["crashes", spoil("http.request", "throw new Error('bad')")],
  ["hangs", spoil("http.request", "call('processor.hang', [])")],
])(
  "with NVS full to the brim an image that %s is started once, not for ever",
  async (_what, options) => {
    const image = imageOf(await firmware(NEW, options));
    const junk = Array.from({ length: 40 }, (_, at) => [
      `other/junk${at}`,
      "x".repeat(at < 4 ? 3_900 : 90),
    ]);
    const nvs = Object.fromEntries(junk.slice(0, 40));
    const system = await offeredUpdate({ bugsAreFatal: false, nvs }, image);
    system.board.powerOn();
    await system.world.run(12 * HOUR_MS);
    expect(system.log.join("")).toContain("in safe mode: storage_failed");
    expect(stagesOf(system, `${NEW} staged`)).toBeGreaterThan(0);
    expect(stagesOf(system, `${NEW} staged`)).toBeLessThanOrEqual(2);
    expect(await runs(system, OLD)).toBe(true);
  },
);

test("an address that is larger in JSON than it looks does not fill NVS", async () => {
  const system = await offeredUpdate();
  const { board, world, server } = system;
  board.powerOn();
  await world.run(10_000);
  const manifest = (await (await server.ask(`/firmware/${NEW}/manifest`)).json()) as object;
  toldInRoom(system, { action: "update", manifest: { ...manifest, url: "\u0001".repeat(1_000) } });
  expect(await until(system, () => runs(system, NEW))).toBe(true);
  expect(system.log.join("")).not.toContain("safe mode");
});

test("a spool that fails during the trial is the board's fault: the image is tried again", async () => {
  const system = await offeredUpdate({ bugsAreFatal: false });
  const { board, world, path } = system;
  // The trial lasts as long as the server says nothing.
  let isAway = false;
  path.intercept = () => (isAway ? new Response(null, { status: 503 }) : undefined);
  board.powerOn();
  while (stagesOf(system, `${NEW} pending`) === 0) {
    await world.run(world.nowMs + 200);
    isAway = stagesOf(system, `${NEW} restarting`) > 0;
  }
  const spoolFirst = 0x380000 / 4096;
  board.flash.watch((operation) => {
    const isSpool = operation.kind === "erase" && operation.sector >= spoolFirst;
    board.flash.wornOutAt = isSpool ? 0 : Number.POSITIVE_INFINITY;
  });
  board.visit(8_000, 120);
  await world.run(world.nowMs + MINUTE_MS);
  isAway = false;
  await until(system, () => results(system).length >= 1);
  expect(results(system)[0]).not.toBe("rolled_back crash");
  expect(await until(system, () => runs(system, NEW))).toBe(true);
});

test("an image that cannot run its sensors shows it on trial, also where safe mode leaves them out", async () => {
  const image = imageOf(await firmware(NEW, spoil("hx711.read", "throw new Error('scale')")));
  const system = await offeredUpdate({ bugsAreFatal: false }, image);
  const { board, world } = system;
  board.powerOn();
  await world.run(5_000);
  toldInRoom(system, { action: "safe_mode" });
  expect(await until(system, () => results(system).length >= 1)).toBe(true);
  expect(results(system)).toEqual(["rolled_back crash"]);
  expect(await runs(system, OLD)).toBe(true);
});

test("a bird that comes while the gate asks is photographed before the restart", async () => {
  const system = await offeredUpdate();
  const { board, world, path } = system;
  board.powerOn();
  let landed = false;
  path.tamper = (answer, { url }) => {
    if (url.endsWith("/heartbeat") && !landed) {
      landed = true;
      board.visit(4_000, 120);
    }
    return answer;
  };
  expect(await until(system, () => runs(system, NEW))).toBe(true);
  await world.run(world.nowMs + MINUTE_MS);
  const visits = system.heard.filter(({ message }) => message.type === "event.visit");
  expect(visits).toHaveLength(1);
  expect(
    system.heard.filter(({ message }) => message.type === "event.photo").length,
  ).toBeGreaterThan(0);
});

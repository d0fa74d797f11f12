import { expect, test } from "vitest";
import {
  imageOf,
  noServer,
  PARTITIONS,
  placeBoard,
  startSmall,
  startWorld,
} from "./small-firmware.ts";

/** From a reset to the first line of JavaScript. */
const BOOT_MS = 350;

test.each([
  ["restarts itself", "native.restart_board();", 3],
  ["throws at its start", "throw new Error('a bug');", 3],
  ["waits for ever", "port.call('processor.hang', []);", 6],
] as const)("firmware that %s starts again, and is told why", async (_what, does, reason) => {
  const source = `
    trace(String(native.reset_reason()));
    if (native.reset_reason() === 1) { ${does} }
  `;
  const { world, log } = await startSmall(source, { bugsAreFatal: false });
  await world.run(60_000);
  expect(log).toEqual(["1", String(reason)]);
});

test.each([
  ["software", 3],
  ["panic", 4],
  ["watchdog", 6],
  ["brownout", 9],
] as const)("a reset by %s is read as %d, and takes what ran with it", async (reason, read) => {
  const { world, board, log } = await startSmall(`
    trace(native.reset_reason() + " at " + Time.ticks);
    Timer.set(() => trace("a second later"), 1000);
  `);
  world.after(BOOT_MS + 600, () => board.reset(reason));
  await world.run(BOOT_MS + 600 + BOOT_MS + 900);
  // The bootloader's first entry in otadata is an erase and a program.
  expect(log).toEqual(["1 at 395", `${read} at 350`]);
  await world.run(10_000);
  expect(log).toHaveLength(3);
});

test("nothing behind a restart happens any more, whoever catches what", async () => {
  const { world, board, log } = await startSmall(`
    const last = () => { trace("still here"); nvs.write("late", "1"); };
    nvs.write("boots", String(1 + Number(nvs.read("boots") ?? 0)));
    if (native.reset_reason() === 1) {
      try { native.restart_board(); last(); } catch { last(); } finally { last(); }
    }
  `);
  await world.run(10_000);
  expect(log).toEqual([]);
  expect(board.nvs.get("skyfeeder/boots")).toBe("2");
  expect(board.nvs.get("skyfeeder/late")).toBeUndefined();
});

test.each([
  ["hangs", "port.call('processor.hang', []);", /hangs/],
  ["throws where nobody catches it", "Timer.set(() => { throw new Error('a bug'); });", /a bug/],
  ["throws at its start", "throw new Error('a bug');", /a bug/],
  [
    "restarts behind an error in its log",
    "trace('error queue: lost\\n'); native.restart_board();",
    /restarted itself after: error queue: lost/,
  ],
] as const)("firmware that %s fails the world, unless the test is about that", async (...row) => {
  const [, source, message] = row;
  const { world } = await startSmall(source);
  await expect(world.run(60_000)).rejects.toThrow(message);
});

test("an error of the start before is none of this one's: its restart is simply a reset", async () => {
  const { world, board, log } = await startSmall(`
    trace(String(native.reset_reason()));
    if (native.reset_reason() === 1) trace("error queue: lost");
    if (native.reset_reason() === 9) native.restart_board();
  `);
  await world.run(1_000);
  board.reset("brownout");
  await world.run(10_000);
  expect(log).toEqual(["1", "error queue: lost", "9", "3"]);
});

test("64 bytes of memory outlive each reset, and are noise of the seed after a loss of power", async () => {
  const source = `
    const bytes = new Uint8Array(64);
    native.rtc_memory_read(bytes.buffer, 0, 64);
    trace(bytes.join());
    native.rtc_memory_write(bytes.map((_byte, at) => at).buffer, 0, 64);
  `;
  const counted = Array.from({ length: 64 }, (_, at) => at).join();
  const run = async () => {
    const { world, board, log } = await startSmall(source);
    for (const reason of ["software", "panic", "watchdog", "brownout"] as const) {
      await world.run(world.nowMs + 1_000);
      board.reset(reason);
    }
    await world.run(world.nowMs + 1_000);
    board.powerOff();
    board.powerOn();
    await world.run(world.nowMs + 1_000);
    return log;
  };
  const [first, ...rest] = await run();
  const last = rest.pop();
  expect(rest).toEqual([counted, counted, counted, counted]);
  for (const noise of [first, last]) {
    expect(new Set(noise?.split(",")).size).toBeGreaterThan(32);
    expect(noise).not.toBe(counted);
  }
  expect(first).not.toBe(last);
  expect(await run()).toEqual([first, ...rest, last]);
});

test("a battery is read through the divider, and a pin without one reads 0", async () => {
  const { world, board, log } = await startSmall(`
    const pin = new Analog({ pin: 35 });
    const read = () => {
      trace(String(Math.round((2 * 2450 * pin.read()) / (2 ** pin.resolution - 1))));
      Timer.set(read, 1000);
    };
    read();
  `);
  const volts = [undefined, 3_312, 4_187, 12_000];
  for (const millivolts of volts) {
    board.batteryMillivolts = millivolts;
    await world.run(world.nowMs + 1_000);
  }
  expect(log[0]).toBe("0");
  expect(Math.abs(Number(log[1]) - 3_312)).toBeLessThanOrEqual(2);
  expect(Math.abs(Number(log[2]) - 4_187)).toBeLessThanOrEqual(2);
  // As much as the input can see.
  expect(log[3]).toBe("4900");
});

test("a board whose flash boots nothing is a brick: a failure, and a value where a test wants it", async () => {
  const around = startWorld(noServer);
  const rubbish = { image: new Uint8Array(4_096).fill(0xe9), slot: 0, partitionCsv: PARTITIONS };
  const brick = placeBoard(around, { ...rubbish, slot: 0 }, { bugsAreFatal: false }).board;
  brick.powerOn();
  await around.world.run(1_000);
  expect(brick.bricked).toBe(true);
  expect(around.trace).toContain("350 dev1 bricked: reset_loop");
  expect(around.world.events).toBeLessThan(5);

  placeBoard(around, { ...rubbish, slot: 0 }, { deviceId: "dev2" }).board.powerOn();
  await expect(around.world.run(2_000)).rejects.toThrow("dev2: nothing boots, reset_loop");
});

test("an image may be in either slot, and a provisioned board knows what it was told", async () => {
  const image = await imageOf("trace(native.app_slot_running() + nvs.read('channel'))");
  const around = startWorld(noServer);
  const nvs = { "skyfeeder/channel": "beta" };
  const { board, log } = placeBoard(around, { image, slot: 1, partitionCsv: PARTITIONS }, { nvs });
  board.powerOn();
  await around.world.run(1_000);
  expect(log).toEqual(["1beta"]);
});

test("a thousand boards share the image they were made with, and a chip goes on in another board", async () => {
  const image = await imageOf("trace(nvs.read('deviceId')); nvs.write('deviceId', 'renamed');");
  const around = startWorld(noServer);
  const content = { image, slot: 0, partitionCsv: PARTITIONS } as const;
  const first = placeBoard(around, content, { deviceId: "dev1" });
  const second = placeBoard(around, content, { deviceId: "dev2" });
  const imageSectors = ({ board }: typeof first) => board.flash.content(0x20000, image.length);
  const shared = imageSectors(second);
  expect(imageSectors(first).every((sector, at) => sector === shared[at])).toBe(true);

  for (const { board } of [first, second]) board.powerOn();
  await around.world.run(1_000);
  expect([first.log, second.log]).toEqual([["dev1"], ["dev2"]]);

  const heir = placeBoard(around, first.board.flash.fork(), { deviceId: "dev3" });
  heir.board.powerOn();
  await around.world.run(2_000);
  expect(heir.log).toEqual(["renamed"]);
});

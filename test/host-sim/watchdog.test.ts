import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TASK_WATCHDOG_MS } from "../../host-sim/board/power.ts";
import { startSmall } from "./small-firmware.ts";

const FIRST_BOOT_MS = 395.7;
const BOOT_MS = 350;
const REASON = `
  const reason = native.reset_reason();
  trace(reason + " at " + Time.ticks);
  const spool = flash.open({ path: "spool" });
  const erase = (count) => { while (count-- > 0) spool.eraseBlock(count % 100); };
`;

test("it bites when sdkconfig says so", () => {
  const path = join(import.meta.dirname, "../../device/esp32/native/sdkconfig.defaults");
  const [, seconds] =
    /^CONFIG_ESP_TASK_WDT_TIMEOUT_S=(\d+)$/m.exec(readFileSync(path, "utf8")) ?? [];
  expect(TASK_WATCHDOG_MS).toBe(Number(seconds) * 1000);
});

test("a call that never returns: nothing runs any more, and after 30 s the board starts again", async () => {
  const { world, board, log, trace } = await startSmall(
    `${REASON}
    if (reason === 1) {
      Timer.set(() => {
        try { port.call("processor.hang", []); } catch {}
        try { nvs.write("late", "1"); } catch {}
        trace("goes on");
      }, 1000);
      Timer.set(() => trace("a timer"), 2000);
    }`,
    { bugsAreFatal: false },
  );
  await world.run(100_000);
  expect(log).toEqual(["1 at 395", "6 at 350"]);
  expect(board.nvs.get("skyfeeder/late")).toBeUndefined();
  expect(trace).toContain(`${FIRST_BOOT_MS + 1_000 + 30_000} dev1 reset watchdog`);
});

test.each([
  ["29 s of erasing in one go", "erase(640)", ["1 at 395", "done"], 640],
  ["31 s of erasing in one go", "erase(690)", ["1 at 395", "6 at 350"], 666],
  [
    "31 s of erasing with a turn of the loop in the middle",
    "erase(345); Timer.set(() => { erase(345); trace('done'); }); return",
    ["1 at 395", "done"],
    690,
  ],
] as const)("%s", async (_what, does, expected, erases) => {
  const { world, board, log } = await startSmall(
    `${REASON}
    if (reason === 1) Timer.set(() => { ${does}; trace("done"); }, 1000);`,
    { bugsAreFatal: false },
  );
  await world.run(1_000);
  const before = board.flash.operations;
  await world.run(100_000);
  expect(log).toEqual(expected);
  expect(board.flash.operations - before).toBe(erases);
});

test("feeding it is no event", async () => {
  const { world, log } = await startSmall(REASON);
  await world.run(24 * 3_600_000);
  expect(log).toHaveLength(1);
  expect(world.events).toBeLessThan(5);
});

test("power that goes and comes while the firmware hangs is a start of its own", async () => {
  const { world, board, log } = await startSmall(
    `${REASON}
    if (!nvs.read("hung")) {
      nvs.write("hung", "1");
      port.call("processor.hang", []);
    }`,
    { bugsAreFatal: false },
  );
  await world.run(10_000);
  board.powerOff();
  board.powerOn();
  await world.run(100_000);
  expect(log).toEqual(["1 at 395", `1 at ${BOOT_MS}`]);
});

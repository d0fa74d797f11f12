import { expect, test } from "vitest";
import { startSmall } from "./small-firmware.ts";

const OPENED = `
  const spool = flash.open({ path: "spool" });
  const other = flash.open({ path: "nextota" });
  const running = flash.open({ path: "running" });
  const bytes = (length) => new Uint8Array(length);
`;

test.each([
  ["flash.open({ path: 'ota_1' })", "can't find partition"],
  ["flash.open({ path: 'nvs2' })", "can't find partition"],
  ["spool.read(bytes(2), 0x7ffff)", "read failed"],
  ["spool.write(bytes(2), 0x7ffff)", "write failed"],
  ["spool.write(bytes(1), -1)", "write failed"],
  ["spool.eraseBlock(0x80)", "erase failed"],
  ["other.write(bytes(4), 0x1fffd)", "write failed"],
  ["other.eraseBlock(0x20)", "erase failed"],
  ["running.read(bytes(1), 0x20000)", "read failed"],
  ["running.write(bytes(1), 0)", "write failed"],
  ["running.eraseBlock(0)", "erase failed"],
] as const)('%s throws "%s", and the flash is as it was', async (does, message) => {
  const { world, board, log } = await startSmall(`${OPENED}
    Timer.set(() => {
      try { ${does}; trace("done"); } catch (error) { trace(error.message); }
    }, 1000);
  `);
  await world.run(1_000);
  const operations = board.flash.operations;
  await world.run(3_000);
  expect(log).toEqual([message]);
  expect(board.flash.operations).toBe(operations);
});

test("a chip that is worn out fails each erase and each program, and no read", async () => {
  const { world, board, log } = await startSmall(`${OPENED}
    Timer.set(() => {
      for (const does of [
        () => spool.eraseBlock(0),
        () => other.write(bytes(4), 0),
        () => nvs.write("key", "value"),
        () => trace(spool.read(bytes(4), 0)),
      ]) try { does(); } catch (error) { trace(error.message); }
    }, 1000);
  `);
  await world.run(500);
  board.flash.wornOutAt = board.flash.operations + 1;
  await world.run(3_000);
  expect(log).toEqual(["erase failed", "write failed", "flash: write failed", "4"]);
});

test("both slots and the data partitions are where the table says, and as large", async () => {
  const { world, board, log } = await startSmall(`${OPENED}
    trace([spool, other, running].map((part) => part.status().size).join());
    other.write(Uint8Array.of(1, 2, 3), 0x1000);
    const head = bytes(1);
    running.read(head, 0);
    trace(head.join());
  `);
  await world.run(1_000);
  expect(log).toEqual([`${0x80000},${0x20000},${0x20000}`, String(0xe9)]);
  const written = new Uint8Array(4);
  board.flash.read(0x41000, written);
  expect([...written]).toEqual([1, 2, 3, 0xff]);
});

test.each([
  ["erasing a sector", 450, "spool.eraseBlock(3)"],
  ["programming a page", 7, "spool.write(bytes(256), 256)"],
  ["programming across three pages", 21, "spool.write(bytes(258), 255)"],
  ["reading a sector", 8, "spool.read(bytes(4096), 4096)"],
  ["writing a setting", 7, "nvs.write('key', String(count))"],
  ["reading a setting", 0, "nvs.read('deviceId')"],
  ["verifying an image and selecting it", 10_000, "native.app_slot_select_other()"],
] as const)("%s ten times stops the processor for %d ms", async (_what, stallMs, does) => {
  const { world, log } = await startSmall(`${OPENED}
    Timer.set(() => {
      const startedAt = Time.ticks;
      for (let count = 0; count < 10; count++) ${does};
      trace(String(Time.ticks - startedAt));
    }, 605);
  `);
  await world.run(20_000);
  expect(log).toEqual([String(stallMs)]);
});

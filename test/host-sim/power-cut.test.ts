import { expect, test } from "vitest";
import { randomStream } from "../../host-sim/random.ts";
import { imageOf, noServer, PARTITIONS, placeBoard, startWorld } from "./small-firmware.ts";

/**
 * Writes a page and then a setting that counts it, one pair a second, five times; whatever a start finds must be so.
 * What is thrown behind the erase it catches and goes on, as far as it can.
 */
const WRITER = `
  const spool = flash.open({ path: "spool" });
  const found = Number(nvs.read("pages") ?? 0);
  const page = new Uint8Array(256);
  const whole = (at) => {
    spool.read(page, at * 256);
    return page.every((byte) => byte === at);
  };
  const pages = [0, 1, 2, 3, 4];
  trace("counted " + found + " whole " + pages.slice(0, found).every(whole));
  const write = (at) => {
    if (at === 5) return trace("finished");
    Timer.set(() => write(at + 1), 1000);
    if (at === 0) spool.eraseBlock(0);
    try {
      spool.write(page.fill(at), at * 256);
      nvs.write("pages", String(at + 1));
      if (at === 2) nvs.delete("pages");
    } catch (error) {
      trace("caught " + error);
      nvs.write("pages", "5");
    }
  };
  if (found === 0) write(0);
`;

const content = imageOf(WRITER).then(
  (image) => ({ image, slot: 0, partitionCsv: PARTITIONS }) as const,
);

async function startWriter() {
  const around = startWorld(noServer);
  const placed = placeBoard(around, await content);
  placed.board.powerOn();
  return { ...around, ...placed };
}

/** Every operation in its order, and what the setting says once it is done. */
const OPERATIONS = [
  // otadata, at the first boot.
  ["erase", 0],
  ["program", 0],
  // The spool's sector.
  ["erase", 0],
  ["program", 0],
  ["program", 1],
  ["program", 1],
  ["program", 2],
  ["program", 2],
  ["program", 3],
  // The setting is deleted.
  ["program", 0],
  ["program", 0],
  ["program", 4],
  ["program", 4],
  ["program", 5],
] as const;

test("what the bootloader, the firmware and NVS do to the flash is one sequence", async () => {
  const { world, board, log } = await startWriter();
  const kinds: string[] = [];
  board.flash.watch(({ kind }) => kinds.push(kind));
  await world.run(10_000);
  expect(log).toEqual(["counted 0 whole true", "finished"]);
  expect(kinds).toEqual(OPERATIONS.map(([kind]) => kind));
});

test.each(["before", "torn", "after"] as const)(
  "the power goes %s any of them: the board is dark at once, and starts from what is on the flash",
  async (phase) => {
    for (const [index, [, countAfter]] of OPERATIONS.entries()) {
      const { world, board, log, trace } = await startWriter();
      const darkAtMs: number[] = [];
      board.powerCut = () => darkAtMs.push(world.nowMs);
      const operation = board.flash.operations + index + 1;
      board.flash.cutPower({ operation, phase, random: randomStream(index, "cut") });
      await world.run(10_000);
      expect(darkAtMs).toHaveLength(1);
      expect(trace.at(-1)).toBe(`${darkAtMs[0]} dev1 power cut`);
      expect(log).toEqual(index < 2 ? [] : ["counted 0 whole true"]);

      board.powerOn();
      await world.run(11_000);
      const countBefore = OPERATIONS[index - 1]?.[1] ?? 0;
      const possible = {
        before: [countBefore],
        torn: [countBefore, countAfter],
        after: [countAfter],
      };
      const [, count, isWhole] = /^counted (\d) whole (\w+)$/.exec(log.at(-1) ?? "") ?? [];
      expect(possible[phase]).toContain(Number(count));
      expect(isWhole).toBe("true");
    }
  },
);

test("a board that is dark can be powered from the hook", async () => {
  const { world, board, log } = await startWriter();
  board.powerCut = () => board.powerOn();
  const operation = board.flash.operations + 5;
  board.flash.cutPower({ operation, phase: "after", random: randomStream(1, "cut") });
  await world.run(10_000);
  expect(log).toEqual(["counted 0 whole true", "counted 1 whole true"]);
});

import { expect, test } from "vitest";
import {
  type CutPhase,
  Flash,
  type FlashOperation,
  PowerCut,
  SECTOR_BYTES,
} from "../../host-sim/board/flash.ts";
import { Nvs } from "../../host-sim/board/nvs.ts";
import { type RandomStream, randomStream } from "../../host-sim/random.ts";

const PARTITION = {
  label: "nvs",
  type: 1,
  subtype: 2,
  offsetBytes: 0x9000,
  sizeBytes: 6 * SECTOR_BYTES,
};

function start(flash = new Flash(0x10000)) {
  const operations: FlashOperation[] = [];
  flash.watch((operation) => operations.push(operation));
  const nvs = new Nvs(flash, PARTITION);
  nvs.mount();
  return { flash, nvs, operations };
}

test("a value of a page at most is one program, wherever it comes to lie, and the same value again is none", () => {
  const { flash, nvs, operations } = start();
  nvs.set("skyfeeder/deviceId", "dev1");
  operations.length = 0;
  for (let length = 1; length <= 60; length++) {
    nvs.set("skyfeeder/channel", "x".repeat(length));
    nvs.set("skyfeeder/channel", "x".repeat(length));
    expect(start(flash).nvs.get("skyfeeder/channel")).toHaveLength(length);
  }
  expect(operations.map(({ kind }) => kind)).toEqual(Array.from({ length: 60 }, () => "program"));
});

test("what was written and what was deleted is so after a restart, on the same chip and on a fork of it", () => {
  const { flash, nvs } = start();
  nvs.set("skyfeeder/ledger", "grün\n".repeat(300));
  nvs.set("skyfeeder/safe", "1");
  nvs.set("other/safe", "2");
  nvs.delete("skyfeeder/safe");
  const fork = start(flash.fork());
  fork.nvs.set("skyfeeder/safe", "3");
  const again = start(flash);
  expect(again.nvs.get("skyfeeder/ledger")).toBe("grün\n".repeat(300));
  expect(again.nvs.get("skyfeeder/safe")).toBeUndefined();
  expect(again.nvs.get("other/safe")).toBe("2");
  expect(start(fork.flash).nvs.get("skyfeeder/safe")).toBe("3");
});

test.each([
  ["a key of 16 characters", "skyfeeder/updateSequence12", "", /KEY_TOO_LONG/],
  ["a namespace of 16", "sixteen-long-ns-/key", "", /KEY_TOO_LONG/],
  ["a value of 4,000 bytes", "skyfeeder/key", "x".repeat(4_000), /VALUE_TOO_LONG/],
])("%s is refused", (_what, name, value, refused) => {
  expect(() => start().nvs.set(name, value)).toThrow(refused);
});

test("a partition of 24 KB takes 20 KB of values and then no more, keeps what it has, and gives room back", () => {
  const { flash, nvs } = start();
  const kilobyte = "x".repeat(1_000);
  let count = 0;
  expect(() => {
    for (;;) {
      nvs.set(`skyfeeder/${count}`, kilobyte);
      count++;
    }
  }).toThrow("ESP_ERR_NVS_NOT_ENOUGH_SPACE");
  expect(count).toBe(20);
  // The new value is written before the old one goes.
  expect(() => nvs.set("skyfeeder/0", kilobyte.replace("x", "y"))).toThrow("NOT_ENOUGH_SPACE");

  const again = start(flash).nvs;
  for (let at = 0; at < count; at++) expect(again.get(`skyfeeder/${at}`)).toBe(kilobyte);
  again.delete("skyfeeder/7");
  again.set("skyfeeder/0", "new");
  expect(start(flash).nvs.get("skyfeeder/0")).toBe("new");
  expect(start(flash).nvs.get("skyfeeder/7")).toBeUndefined();
});

test("thousands of writes wear the sectors alike", () => {
  const { flash, nvs } = start();
  for (let count = 0; count < 5_000; count++) nvs.set("skyfeeder/bootCount", String(count));
  const erases = [9, 10, 11, 12, 13, 14].map((sector) => flash.wear(sector).erases);
  expect(Math.min(...erases)).toBeGreaterThan(4);
  expect(Math.max(...erases) - Math.min(...erases)).toBeLessThanOrEqual(1);
});

const NAMES = ["n/kept", "n/a", "n/b", "n/c", "n/d", "n/after"];
const LONG = "v".repeat(1_300);
/** An erase that spares a sector's first bytes and not the rest is rare. */
const TORN = { erase: 400, program: 6 } as const;

test("whichever operation is cut, and the recovery too: each value is the old or the new one, for good", () => {
  const { flash, nvs } = start();
  const valuesOf = (found: Nvs) => NAMES.map((name) => found.get(name));
  const write = (into: Nvs, count: number) =>
    into.set(NAMES[1 + (count % 4)] as string, `${count} ${LONG.slice(count * 20)}`);
  nvs.set("n/kept", LONG);
  let count = 0;
  // Two rounds through the partition, so that every sector is collected.
  for (; count < 24; count++) write(nvs, count);

  let old = valuesOf(nvs);
  const points: Flash[] = [];
  const cut = (operation: FlashOperation, phase: CutPhase, seed: number) => {
    const random = randomStream(seed, "cut");
    const chip = flash.fork();
    chip.cutIn(operation, phase, random);
    points.push(cutMount(chip.fork(), phase, random), chip);
  };
  flash.watch((operation) => {
    cut(operation, "before", 0);
    for (let seed = 0; seed < TORN[operation.kind]; seed++) cut(operation, "torn", seed);
    cut(operation, "after", 0);
  });
  for (; count < 42; count++) {
    points.length = 0;
    write(nvs, count);
    expect(points.length).toBeGreaterThan(16);
    for (const chip of points) {
      const found = start(chip).nvs;
      expect([old, valuesOf(nvs)]).toContainEqual(valuesOf(found));
      found.set("n/after", LONG);
      expect(valuesOf(start(chip).nvs)).toEqual(valuesOf(found));
    }
    old = valuesOf(nvs);
  }
});

/** The chip as a cut in the first operation of its recovery leaves it, if there is one. */
function cutMount(chip: Flash, phase: CutPhase, random: RandomStream): Flash {
  chip.cutPower({ operation: chip.operations + 1, phase, random });
  try {
    start(chip);
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
  return chip.fork();
}

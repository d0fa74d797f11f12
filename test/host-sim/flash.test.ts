import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type CutPhase,
  Flash,
  FlashFault,
  type FlashOperation,
  PowerCut,
  SECTOR_BYTES,
} from "../../host-sim/board/flash.ts";
import { randomStream } from "../../host-sim/random.ts";

const chip = () => new Flash(4 * SECTOR_BYTES);
const random = (seed = 1) => randomStream(seed, "tear");

function bytesAt(flash: Flash, offsetBytes: number, length: number): number[] {
  const bytes = new Uint8Array(length);
  flash.read(offsetBytes, bytes);
  return [...bytes];
}

function cutOf(flash: Flash, phase: CutPhase, seed: number, run: () => void): void {
  flash.cutPower({ operation: flash.operations + 1, phase, random: random(seed) });
  expect(run).toThrow(PowerCut);
  flash.restorePower();
}

test("programming only clears bits, erasing sets those of the whole sector and of no other", () => {
  const flash = chip();
  flash.program(SECTOR_BYTES - 2, Uint8Array.of(0xf0, 0xf0, 0xf0, 0xf0));
  flash.program(SECTOR_BYTES - 1, Uint8Array.of(0x3c, 0xff));
  expect(bytesAt(flash, SECTOR_BYTES - 3, 6)).toEqual([0xff, 0xf0, 0x30, 0xf0, 0xf0, 0xff]);
  flash.eraseSector(0);
  expect(bytesAt(flash, SECTOR_BYTES - 3, 6)).toEqual([0xff, 0xff, 0xff, 0xf0, 0xf0, 0xff]);
});

test.each([
  [4 * SECTOR_BYTES - 1, 2],
  [-1, 2],
])("nothing is read or programmed at %d, outside the chip", (offsetBytes, length) => {
  const flash = chip();
  const bytes = new Uint8Array(length);
  expect(() => flash.read(offsetBytes, bytes)).toThrow("outside");
  expect(() => flash.program(offsetBytes, bytes)).toThrow("outside");
  expect(() => flash.content(offsetBytes, length)).toThrow("outside");
  expect(flash.operations).toBe(0);
});

test("there is no sector outside the chip to erase", () => {
  expect(() => chip().eraseSector(4)).toThrow("no sector 4");
  expect(() => chip().eraseSector(-1)).toThrow("no sector -1");
});

test.each([
  [0, 256, 1],
  [255, 2, 2],
  [255, 258, 3],
  [0, SECTOR_BYTES, 16],
  [100, 0, 0],
])("a program at %d of %d bytes is %d operations, one for each page", (at, length, pages) => {
  const flash = chip();
  const seen: FlashOperation[] = [];
  flash.watch((operation) => seen.push(operation));
  flash.program(at, new Uint8Array(length));
  expect(flash.operations).toBe(pages);
  expect(seen).toHaveLength(pages);
  expect(bytesAt(flash, at, length)).toEqual(Array(length).fill(0));
});

test("a watcher hears of every operation before it is done", () => {
  const flash = chip();
  flash.program(256, Uint8Array.of(1));
  const seen: unknown[] = [];
  flash.watch((operation) => seen.push({ ...operation, holds: bytesAt(flash, 256, 1) }));
  flash.eraseSector(0);
  flash.program(256, Uint8Array.of(2));
  expect(seen).toEqual([
    { kind: "erase", sector: 0, holds: [1] },
    { kind: "program", offsetBytes: 256, bytes: Uint8Array.of(2), holds: [0xff] },
  ]);
});

test("wear counts the erases of a sector and the bytes that were programmed into it", () => {
  const flash = chip();
  flash.program(SECTOR_BYTES - 300, new Uint8Array(600));
  flash.eraseSector(1);
  flash.eraseSector(1);
  const before = flash.wear(0);
  flash.program(0, Uint8Array.of(0));
  expect(before).toEqual({ erases: 0, programs: 2, bytesProgrammed: 300 });
  expect(flash.wear(0)).toEqual({ erases: 0, programs: 3, bytesProgrammed: 301 });
  expect(flash.wear(1)).toEqual({ erases: 2, programs: 2, bytesProgrammed: 300 });
  expect(flash.wear(2)).toEqual({ erases: 0, programs: 0, bytesProgrammed: 0 });
});

test("a worn-out chip takes nothing more", () => {
  const flash = chip();
  flash.wornOutAt = 2;
  flash.eraseSector(0);
  expect(() => flash.program(0, Uint8Array.of(0))).toThrow(FlashFault);
  expect(() => flash.eraseSector(0)).toThrow(FlashFault);
  expect(bytesAt(flash, 0, 1)).toEqual([0xff]);
});

test("a power cut throws in the planned operation, and everything after it until the power is back", () => {
  const flash = chip();
  flash.cutPower({ operation: 2, phase: "before", random: random() });
  flash.program(0, Uint8Array.of(0xfe));
  expect(() => flash.program(1, Uint8Array.of(0xfe))).toThrow(PowerCut);
  expect(flash.powered).toBe(false);
  expect(() => flash.program(2, Uint8Array.of(0xfe))).toThrow(PowerCut);
  expect(() => flash.eraseSector(0)).toThrow(PowerCut);
  expect(() => bytesAt(flash, 0, 1)).toThrow(PowerCut);
  flash.restorePower();
  expect(bytesAt(flash, 0, 3)).toEqual([0xfe, 0xff, 0xff]);
  flash.program(1, Uint8Array.of(0xfe));
  expect(bytesAt(flash, 0, 3)).toEqual([0xfe, 0xfe, 0xff]);
});

test.each([
  ["before", [0xff, 0xff]],
  ["after", [0x0f, 0x0f]],
] as const)("a program cut %s it is done leaves none or all of it", (phase, left) => {
  const flash = chip();
  cutOf(flash, phase, 1, () => flash.program(10, Uint8Array.of(0x0f, 0x0f)));
  expect(bytesAt(flash, 10, 2)).toEqual(left);
});

test("a program that runs on over a page's border is cut in one page, and the next stays as it was", () => {
  const flash = chip();
  cutOf(flash, "after", 1, () => flash.program(254, Uint8Array.of(0, 0, 0, 0)));
  expect(bytesAt(flash, 254, 4)).toEqual([0, 0, 0xff, 0xff]);
});

test("a torn program leaves a prefix, at most one byte in between, and the rest as it was", () => {
  const page = fc.uint8Array({ minLength: 1, maxLength: 256 });
  fc.assert(
    fc.property(page, page, fc.nat(), (before, bytes, seed) => {
      const flash = chip();
      flash.program(0, before);
      const old = bytesAt(flash, 0, 256);
      cutOf(flash, "torn", seed, () => flash.program(0, bytes));
      const left = bytesAt(flash, 0, 256);
      const whole = old.map((byte, at) => byte & (bytes[at] ?? 0xff));
      const done = left.findIndex((byte, at) => byte !== whole[at]);
      const from = done < 0 ? 256 : done;
      expect(left.slice(from + 1)).toEqual(old.slice(from + 1));
      const torn = left[from] ?? 0;
      expect(torn & ~(old[from] ?? 0)).toBe(0);
      expect((whole[from] ?? 0) & ~torn).toBe(0);
    }),
  );
});

test("a torn program leaves a byte now and then of which some bits have fallen", () => {
  const left = Array.from({ length: 20 }, (_, seed) => {
    const flash = chip();
    cutOf(flash, "torn", seed, () => flash.program(0, Uint8Array.of(0)));
    return bytesAt(flash, 0, 1)[0] ?? 0;
  });
  expect(left.some((byte) => byte !== 0 && byte !== 0xff)).toBe(true);
});

test("a torn erase leaves bits old, risen or cleared, in that sector alone, and not always the same", () => {
  const kept = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const flash = chip();
    flash.program(0, new Uint8Array(3 * SECTOR_BYTES).fill(0x55));
    cutOf(flash, "torn", seed, () => flash.eraseSector(1));
    expect(bytesAt(flash, SECTOR_BYTES - 1, 1)).toEqual([0x55]);
    expect(bytesAt(flash, 2 * SECTOR_BYTES, 1)).toEqual([0x55]);
    const bits = bytesAt(flash, SECTOR_BYTES, SECTOR_BYTES);
    const risen = bits.some((byte) => (byte & 0xaa) !== 0);
    const cleared = bits.some((byte) => (byte & 0x55) !== 0x55);
    kept.add(`${risen ? "risen" : ""}${cleared ? "cleared" : ""}`);
  }
  expect([...kept].sort()).toEqual(["", "cleared", "risen", "risencleared"]);
});

test("forks go their own ways, from the chip and from each other", () => {
  const flash = chip();
  flash.program(0, Uint8Array.of(0xf0));
  const [first, second] = [flash.fork(), flash.fork()];
  flash.program(0, Uint8Array.of(0x70));
  first.eraseSector(0);
  second.program(0, Uint8Array.of(0xe0));
  const again = second.fork();
  again.program(0, Uint8Array.of(0x00));
  expect([flash, first, second, again].map((chip) => bytesAt(chip, 0, 1)[0])).toEqual([
    0x70, 0xff, 0xe0, 0x00,
  ]);
  expect(flash.wear(0)).toMatchObject({ programs: 2, erases: 0 });
  expect(first.wear(0)).toMatchObject({ programs: 1, erases: 1 });
  expect(first.operations).toBe(2);
});

test("a fork has power and neither the cut nor the watcher of its origin", () => {
  const flash = chip();
  const seen: unknown[] = [];
  flash.watch((operation) => seen.push(operation));
  flash.cutPower({ operation: 1, phase: "before", random: random() });
  const planned = flash.fork();
  expect(() => flash.eraseSector(0)).toThrow(PowerCut);
  planned.eraseSector(0);
  flash.fork().eraseSector(0);
  expect(seen).toHaveLength(1);
});

test("a fork is as worn out as its origin", () => {
  const flash = chip();
  flash.wornOutAt = 1;
  expect(() => flash.fork().eraseSector(0)).toThrow(FlashFault);
});

test("a sweep forks before an operation and leaves the fork as a cut in it would", () => {
  const flash = chip();
  const forks: Flash[] = [];
  flash.watch((operation) => {
    for (const phase of ["before", "torn", "after"] as const) {
      const fork = flash.fork();
      fork.cutIn(operation, phase, random(7));
      forks.push(fork);
    }
  });
  flash.program(0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  const cut = chip();
  cutOf(cut, "torn", 7, () => cut.program(0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)));
  expect(forks.map((fork) => bytesAt(fork, 0, 8))).toEqual([
    Array(8).fill(0xff),
    bytesAt(cut, 0, 8),
    [1, 2, 3, 4, 5, 6, 7, 8],
  ]);
});

test("the content of a range is the same on a fork until either writes there", () => {
  const flash = chip();
  flash.program(0, new Uint8Array(2 * SECTOR_BYTES));
  const content = (of: Flash) => of.content(0, SECTOR_BYTES + 1);
  const before = content(flash);
  const fork = flash.fork();
  const sameAsBefore = (of: Flash) => content(of).map((sector, index) => sector === before[index]);
  fork.program(2 * SECTOR_BYTES, Uint8Array.of(0));
  expect(sameAsBefore(fork)).toEqual([true, true]);
  fork.program(SECTOR_BYTES, Uint8Array.of(0));
  flash.eraseSector(0);
  expect(sameAsBefore(fork)).toEqual([true, false]);
  expect(sameAsBefore(flash)).toEqual([false, true]);
});

test("the content of a range is another as soon as one byte was programmed", () => {
  const flash = chip();
  flash.program(0, Uint8Array.of(1));
  const [before] = flash.content(0, 1);
  expect(flash.content(0, 1)[0]).toBe(before);
  flash.program(0, Uint8Array.of(0));
  expect(flash.content(0, 1)[0]).not.toBe(before);
});

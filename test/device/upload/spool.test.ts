import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { FlashPartition } from "../../../device/esp32/ports.ts";
import { Spool } from "../../../device/esp32/upload/spool.ts";
import type { StillFacts } from "../../../device/esp32/upload/spool-item.ts";
import { Flash, SECTOR_BYTES } from "../../../host-sim/board/flash.ts";

const SIZE_BYTES = 24 * SECTOR_BYTES;

class PowerCut extends Error {}

/** The partition on a NOR chip that loses power in its `cutAt`-th operation, with only part of it done. */
function partition(
  flash: Flash,
  cutAt = Number.POSITIVE_INFINITY,
  doneShare = 0.5,
): FlashPartition {
  let operations = 0;
  return {
    sizeBytes: SIZE_BYTES,
    sectorBytes: SECTOR_BYTES,
    read: (offset, into) => flash.read(offset, into),
    program(offset, bytes) {
      const cut = ++operations === cutAt;
      flash.program(offset, cut ? bytes.subarray(0, Math.floor(bytes.length * doneShare)) : bytes);
      if (cut) throw new PowerCut();
    },
    eraseSector(sector) {
      if (++operations === cutAt && doneShare < 0.5) throw new PowerCut();
      flash.eraseSector(sector);
      if (operations === cutAt) throw new PowerCut();
    },
  };
}

function still(number: number, sizeBytes: number): { facts: StillFacts; bytes: Uint8Array } {
  const bytes = createHash("shake256", { outputLength: sizeBytes }).update(`${number}`).digest();
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const contentType = "image/jpeg";
  const captureId = `boot-${number}`;
  return {
    facts: { captureId, sizeBytes, sha256, contentType, takenAtMs: number, bootId: "boot" },
    bytes,
  };
}

function put(spool: Spool, number: number, sizeBytes: number): void {
  const { facts, bytes } = still(number, sizeBytes);
  spool.begin(facts);
  for (let at = 0; at < sizeBytes; at += 1018) spool.write(bytes.subarray(at, at + 1018));
  spool.commit();
}

/** Reads every still back in odd pieces; throws when one is not what its facts say. */
function readBack(spool: Spool): string[] {
  return spool.items.map((item) => {
    const bytes = Buffer.alloc(item.sizeBytes);
    for (let at = 0; at < bytes.length; ) {
      at += spool.read(item.sequence, at, bytes.subarray(at, at + 1436));
    }
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(item.sha256);
    return item.captureId;
  });
}

test("what was committed is there after a restart, oldest first, with its attempts", () => {
  const flash = new Flash(SIZE_BYTES);
  const spool = new Spool(partition(flash));
  put(spool, 1, 20_000);
  put(spool, 2, 3_488);
  put(spool, 3, 9_000);
  spool.remove(spool.items[1]?.sequence ?? 0);
  spool.countAttempt(spool.items[0]?.sequence ?? 0);
  spool.countAttempt(spool.items[0]?.sequence ?? 0);
  const again = new Spool(partition(flash));
  expect(readBack(again)).toEqual(["boot-1", "boot-3"]);
  expect(again.items.map(({ attempts }) => attempts)).toEqual([2, 0]);
});

test("a still given up half-way leaves its room to the next", () => {
  const spool = new Spool(partition(new Flash(SIZE_BYTES)));
  spool.begin(still(1, 60_000).facts);
  spool.write(still(1, 60_000).bytes.subarray(0, 30_000));
  spool.abort();
  expect(spool.hasRoom(90_000)).toBe(true);
  put(spool, 2, 90_000);
  expect(readBack(spool)).toEqual(["boot-2"]);
  expect(spool.hasRoom(8_000)).toBe(false);
  expect(spool.fits(200_000)).toBe(false);
});

test("a sector that was erased ahead is erased again before it is written again", () => {
  const spool = new Spool(partition(new Flash(SIZE_BYTES)));
  for (let number = 1; number <= 4; number++) {
    if (number === 1) for (let times = 0; times < 8; times++) spool.prepare();
    put(spool, number, 30_000);
    expect(readBack(spool)).toEqual([`boot-${number}`]);
    spool.remove(spool.items[0]?.sequence ?? 0);
  }
});

test("power lost in any operation, before, within or after it: nothing committed is lost or torn", () => {
  const story = (spool: Spool): void => {
    put(spool, 3, 12_000);
    spool.countAttempt(spool.items[0]?.sequence ?? 0);
    spool.remove(spool.items[0]?.sequence ?? 0);
    put(spool, 4, 5_000);
  };
  const before = (): Flash => {
    const flash = new Flash(SIZE_BYTES);
    const spool = new Spool(partition(flash));
    put(spool, 1, 7_000);
    put(spool, 2, 30_000);
    return flash;
  };
  let cuts = 0;
  for (let cutAt = 1; ; cutAt++) {
    let finished = true;
    for (const doneShare of [0, 0.5, 1]) {
      const flash = before();
      const spool = new Spool(partition(flash));
      const cut = new Spool(partition(flash, cutAt, doneShare));
      expect(cut.items).toEqual(spool.items);
      try {
        story(cut);
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
        finished = false;
        cuts++;
      }
      const after = new Spool(partition(flash));
      const found = readBack(after);
      expect(found).toContain("boot-2");
      expect(["1,2", "1,2,3", "2,3", "2,3,4"]).toContain(found.join().replaceAll("boot-", ""));
      put(after, 5, 20_000);
      expect(readBack(new Spool(partition(flash))).at(-1)).toBe("boot-5");
    }
    if (finished) break;
  }
  expect(cuts).toBeGreaterThan(60);
});

test("a header of which any bits were programmed harms no other still", () => {
  const bits = fc.uint8Array({ minLength: 200, maxLength: 200 });
  fc.assert(
    fc.property(bits, fc.boolean(), (kept, isFirst) => {
      const flash = new Flash(SIZE_BYTES);
      let header = new Uint8Array();
      const watched: FlashPartition = {
        ...partition(flash),
        program(offset, bytes) {
          // The header of the first sector, or of the second: the one that will be torn.
          if (offset % SECTOR_BYTES === 0) {
            if (header.length === 0 || !isFirst) header = Uint8Array.from(bytes);
          }
          flash.program(offset, bytes);
        },
      };
      const spool = new Spool(watched);
      put(spool, 1, 6_000);
      // Power was lost in the middle of programming such a header into the next sector.
      flash.program(
        2 * SECTOR_BYTES,
        header.map((byte, at) => byte | (kept[at % 200] as number)),
      );
      const after = new Spool(partition(flash));
      for (let number = 2; number < 6; number++) put(after, number, 3_000);
      const names = readBack(new Spool(partition(flash)));
      expect(names).toEqual(["boot-1", "boot-2", "boot-3", "boot-4", "boot-5"]);
    }),
    { numRuns: 300 },
  );
});

test("any sequence of stills, removals and restarts keeps exactly what it should", () => {
  const action = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("put" as const),
        size: fc.integer({ min: 1, max: 30_000 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), at: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 25 }), (actions) => {
      const flash = new Flash(SIZE_BYTES);
      let spool = new Spool(partition(flash));
      let expected: string[] = [];
      actions.forEach((step, number) => {
        if (step.kind === "restart") spool = new Spool(partition(flash));
        else if (step.kind === "put" && spool.hasRoom(step.size)) {
          put(spool, number, step.size);
          expected.push(`boot-${number}`);
        } else if (step.kind === "remove") {
          const item = spool.items[step.at];
          if (item === undefined) return;
          spool.remove(item.sequence);
          expected = expected.filter((name) => name !== item.captureId);
        }
      });
      expect(readBack(spool)).toEqual(expected);
      expect(readBack(new Spool(partition(flash)))).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

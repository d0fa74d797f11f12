import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { FlashPartition } from "../../../device/esp32/ports.ts";
import { type SlotProgress, SlotWriter } from "../../../device/esp32/update/slot-writer.ts";
import { Flash, SECTOR_BYTES } from "../../../host-sim/board/flash.ts";
import { sha256Hex } from "./signed-offers.ts";

const SLOT_BYTES = 16 * SECTOR_BYTES;

function createSha256() {
  const hash = createHash("sha256");
  return {
    write: (bytes: Uint8Array) => void hash.update(bytes),
    finish: () => hash.digest("hex"),
  };
}

function slotOn(flash: Flash): FlashPartition {
  return {
    sizeBytes: SLOT_BYTES,
    sectorBytes: SECTOR_BYTES,
    read: (offset, into) => flash.read(offset, into),
    program: (offset, bytes) => flash.program(offset, bytes),
    eraseSector: (sector) => flash.eraseSector(sector),
  };
}

function board(flash = new Flash(SLOT_BYTES)) {
  let saved: SlotProgress = { sectors: 0, chain: "" };
  const open = () =>
    new SlotWriter(slotOn(flash), createSha256, (progress) => {
      saved = progress;
    });
  return { flash, open, saved: () => saved };
}

function image(sizeBytes: number, name = "image"): Uint8Array {
  return createHash("shake256", { outputLength: sizeBytes }).update(name).digest();
}

/** What an older image left in the slot. */
function used(): Flash {
  const flash = new Flash(SLOT_BYTES);
  flash.program(0, image(SLOT_BYTES, "older"));
  return flash;
}

test("an image in pieces of any size is in flash, each byte once", () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(pieces, (lengths) => {
      const { flash, open } = board(used());
      const bytes = image(lengths.reduce((sum, length) => sum + length, 0));
      const before = flash.operations;
      const writer = open();
      let at = 0;
      for (const length of lengths) {
        writer.append(bytes.subarray(at, at + length));
        at += length;
      }
      writer.finish();
      expect(writer.hash(bytes.length)).toBe(sha256Hex(bytes));
      const sectors = Math.ceil(bytes.length / SECTOR_BYTES);
      const pages = Math.ceil(bytes.length / 256);
      expect(flash.operations - before).toBe(sectors + pages);
    }),
  );
});

test("after a loss of power at most one sector is fetched again", () => {
  const bytes = image(50_000);
  for (const lostAt of [0, 1, 4_095, 4_096, 4_097, 30_000, 49_999]) {
    const { open, saved } = board(used());
    open().append(bytes.subarray(0, lostAt));
    const writer = open();
    writer.resume(saved());
    expect(lostAt - writer.fileOffsetBytes).toBeLessThan(SECTOR_BYTES);
    writer.append(bytes.subarray(writer.fileOffsetBytes));
    writer.finish();
    expect(writer.hash(bytes.length)).toBe(sha256Hex(bytes));
  }
});

test.each([
  ["a bit fell in a sector", (flash: Flash) => flash.program(5_000, Uint8Array.of(0))],
  ["a sector was erased", (flash: Flash) => flash.eraseSector(0)],
])("when %s, what was written is not trusted: it begins anew", (_what, damage) => {
  const { flash, open, saved } = board();
  open().append(image(20_000));
  damage(flash);
  const writer = open();
  writer.resume(saved());
  expect(writer.fileOffsetBytes).toBe(0);
});

test("a writer that begins anew knows nothing of what came before", () => {
  const { open, saved } = board(used());
  const bytes = image(9_000);
  const writer = open();
  writer.append(image(5_000, "another"));
  writer.restart();
  expect([writer.takenBytes, saved().sectors]).toEqual([0, 0]);
  writer.append(bytes);
  writer.finish();
  expect(writer.hash(bytes.length)).toBe(sha256Hex(bytes));
});

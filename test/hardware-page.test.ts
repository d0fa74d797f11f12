import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BATTERY_PINS, PINS } from "../device/esp32/io/pins.ts";
import { parsePartitionCsv } from "../host-sim/board/partition-table.ts";
import { ROOT } from "./tidy/source-tree.ts";

const page = readFileSync(join(ROOT, "docs/hardware.md"), "utf8");

test("the page of the hardware has every pin of the firmware", () => {
  const wiring = page.slice(page.indexOf("## Wiring"), page.indexOf("## Flash"));
  const shown = [...wiring.matchAll(/^\| (GPIO[^|]*)\|/gm)].flatMap(([, cell = ""]) =>
    (cell.match(/\d+/g) ?? []).map(Number),
  );
  const pins = [...Object.values(PINS), ...BATTERY_PINS];
  expect(new Set(shown)).toEqual(new Set(pins));
});

test("and the partitions of the build", () => {
  const csv = readFileSync(join(ROOT, "device/esp32/native/partitions.csv"), "utf8");
  const hex = (bytes: number) => `0x${bytes.toString(16)}`;
  const rows = parsePartitionCsv(csv).map(({ label, offsetBytes, sizeBytes }) => {
    return `| ${label} | ${hex(offsetBytes)} | ${hex(sizeBytes)} |`;
  });
  const flash = page.slice(page.indexOf("## Flash"));
  expect(flash.match(/^\| \w+ \| 0x\w+ \| 0x\w+ \|/gm)).toEqual(rows);
});

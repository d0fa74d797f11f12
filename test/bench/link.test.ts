import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { BenchRow } from "../../bench/rows.ts";
import { ROOT } from "../tidy/source-tree.ts";

let rows: ReadonlyMap<string, BenchRow> = new Map();

beforeAll(() => {
  const script = join(ROOT, "bench/link.ts");
  const output = execFileSync(process.execPath, [script, "--smoke", "--json"], {
    encoding: "utf8",
  });
  rows = new Map((JSON.parse(output) as BenchRow[]).map((row) => [row.name, row]));
});

/** Seconds of virtual time: the same on every machine, so they may be held to their budgets. */
test.each([
  ["link.goodput.clean", 0.97],
  ["link.goodput.ber1e-6", 0.95],
  ["link.goodput.ber1e-6.loss0.1", 0.9],
  ["link.goodput.128", 0.5],
])("%s is at least %f of the wire", (name, ratio) => {
  expect(rows.get(name)?.ratio).toBeGreaterThanOrEqual(ratio);
});

test.each([
  ["link.still20k", 250],
  ["wake.first_still", 3.5],
  ["visit.energy", 1.5],
  ["visit.energy.still_only", 0.5],
  ["visit.energy.ten_stills", 3],
])("%s is at most %f", (name, most) => {
  expect(rows.get(name)?.value).toBeLessThanOrEqual(most);
});

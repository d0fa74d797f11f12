import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BenchRow } from "../../bench/rows.ts";
import { xs } from "../host-sim/both-engines.ts";
import { ROOT } from "../tidy/source-tree.ts";

/** What it says of speed is for a quiet machine: here it only runs. */
test("the simulator's figures can be taken", () => {
  const script = join(ROOT, "bench/sim.ts");
  const output = execFileSync(process.execPath, [script, "--smoke", "--json"], {
    ...{ encoding: "utf8", stdio: "pipe" },
  });
  const rows: BenchRow[] = JSON.parse(output);
  const names = ["sim.scheduling", "sim.whole", "sim.events", "sim.event"];
  if (xs !== undefined) names.push("sim.xs", "sim.xs_crossings");
  expect(rows.map(({ name }) => name)).toEqual(names);
  for (const { value } of rows) expect(value).toBeGreaterThan(0);
}, 120_000);

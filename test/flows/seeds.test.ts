import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { playScenario } from "../../cli/sim/play-scenario.ts";
import { parseSaved } from "../../cli/sim/run/saved-failure.ts";
import { chooseScenario } from "../../cli/sim/run/scenario-file.ts";
import { buildProps } from "../../cli/sim/scenario-props.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { ROOT } from "../tidy/source-tree.ts";

const props = await buildProps();

/** What failed once, as `sim run --save test/seeds` kept it. */
test.each(globSync("test/seeds/*.json", { cwd: ROOT }))("%s holds", async (file) => {
  const path = join(ROOT, file);
  const chosen = await chooseScenario(path);
  const saved = parseSaved(readFileSync(path, "utf8"));
  if (chosen.kind === "failed" || typeof saved === "string") throw new Error(String(saved));
  const { seed, plan } = saved;
  const options = { seed, plan, engine: nodeEngine };
  expect((await playScenario(chosen.value.scenario, props, options)).broken).toBeUndefined();
});

import { globSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { playScenario } from "../../cli/sim/play-scenario.ts";
import { chooseScenario } from "../../cli/sim/run/scenario-file.ts";
import { buildProps } from "../../cli/sim/scenario-props.ts";
import { chooseEngine } from "../../host-sim/engines/engine-choice.ts";
import { ROOT } from "../tidy/source-tree.ts";

const props = await buildProps();

/** What failed once, as `sim run --save test/seeds` kept it. */
test.each(globSync("test/seeds/*.json", { cwd: ROOT }))("%s holds", async (file) => {
  const chosen = await chooseScenario(join(ROOT, file));
  if (chosen.kind === "failed") return expect.fail(chosen.failure.message);
  const { scenario, saved } = chosen.value;
  if (saved === undefined) return expect.fail("no saved failure");
  const engine = chooseEngine(saved.engine);
  if ("missing" in engine) return expect(process.env.CI, engine.missing).toBeUndefined();
  expect((await playScenario(scenario, props, { ...saved, engine })).broken).toBeUndefined();
});

import { expect, test } from "vitest";
import { failureLine, runScenario } from "../../cli/sim/run/run-scenario.ts";
import { buildProps } from "../../cli/sim/scenario-props.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { scenario } from "../../host-sim/scenarios/swarm.ts";

const SEEDS = 200;
const props = await buildProps();

/** The same by hand, on all processors: skyfeeder sim run swarm --seeds 1..200 */
test(`everything that must hold does in ${SEEDS} runs with everything wrong at once`, async () => {
  const failures: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const how = { seed, engine: nodeEngine, engineName: "node" } as const;
    const result = await runScenario("swarm", scenario, props, how);
    if (!result.ok) failures.push(failureLine(result));
  }
  expect(failures).toEqual([]);
}, 900_000);

import { expect, test } from "vitest";
import { playScenario } from "../../cli/sim/play-scenario.ts";
import { runScenario } from "../../cli/sim/run/run-scenario.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { scenario } from "../../host-sim/scenarios/swarm.ts";
import { patchedProps } from "./patched-props.ts";
import { PLANTED_BUGS } from "./planted-bugs.ts";

const FAULTS_MAX = 2;

test.each(PLANTED_BUGS)(
  "$name is found, and shrunk to what it takes",
  async ({ patches, broken, foundAt: seed }) => {
    const props = await patchedProps(patches);
    const how = { seed, engine: nodeEngine };
    const result = await runScenario("swarm", scenario, props, { ...how, engineName: "node" });
    expect(result.broken).toMatch(broken);
    const { plan = [] } = result;
    expect(plan.length).toBeGreaterThan(0);
    expect(plan.length).toBeLessThanOrEqual(FAULTS_MAX);
    expect((await playScenario(scenario, props, { ...how, plan })).broken).toMatch(broken);
  },
  300_000,
);

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { playScenario } from "../../cli/sim/play-scenario.ts";
import { chooseScenario } from "../../cli/sim/run/scenario-file.ts";
import { SCENARIO_FOLDER, scenarioNames } from "../../cli/sim/run/scenario-names.ts";
import { buildProps } from "../../cli/sim/scenario-props.ts";
import { chooseEngine } from "../../host-sim/engines/engine-choice.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";

const props = await buildProps();
const names = scenarioNames();

async function scenarioOf(name: string) {
  const chosen = await chooseScenario(name);
  if (chosen.kind === "failed") throw new Error(chosen.failure.message);
  return chosen.value.scenario;
}

async function traceOf(name: string, seed: number, engine = nodeEngine): Promise<string> {
  const { stage, broken } = await playScenario(await scenarioOf(name), props, { seed, engine });
  expect(broken).toBeUndefined();
  return stage.world.trace.hash();
}

test.each(names)("%s holds", async (name) => {
  for (const seed of [1, 2]) await traceOf(name, seed);
});

test.each(names)("%s is read in one look", (name) => {
  const lines = readFileSync(join(SCENARIO_FOLDER, `${name}.ts`), "utf8").split("\n");
  expect(lines.length).toBeLessThanOrEqual(61);
});

const GATED = [
  ["photo", 3],
  ["swarm", 4],
  ["swarm", 25],
  ["bad-network", 5],
  ["update", 6],
  ["enrolment", 7],
  ["portal", 8],
  ["portal-again", 9],
  ["mqtt", 8],
  ["configuration", 9],
  ["improv", 10],
] as const;

test.each(GATED)("%s with seed %i leaves the same trace again", async (name, seed) => {
  expect(await traceOf(name, seed)).toBe(await traceOf(name, seed));
  expect(await traceOf(name, seed + 1)).not.toBe(await traceOf(name, seed));
});

const xs = chooseEngine("xs");

test.each(GATED)("%s with seed %i leaves the same trace on XS", async (name, seed) => {
  if ("missing" in xs) {
    expect(process.env.CI, xs.missing).toBeUndefined();
    return;
  }
  expect(await traceOf(name, seed, xs)).toBe(await traceOf(name, seed));
});

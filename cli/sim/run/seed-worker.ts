/** Plays the seeds of one share and sends each result to the process that asked. */
import { chooseEngine } from "../../../host-sim/engines/engine-choice.ts";
import { keepToOneCore } from "../../../host-sim/engines/one-core.ts";
import { buildProps } from "../scenario-props.ts";
import { runScenario } from "./run-scenario.ts";
import type { SeedShare } from "./run-seeds.ts";
import { chooseScenario } from "./scenario-file.ts";

const share = JSON.parse(process.argv[2] ?? "") as SeedShare;
const chosen = await chooseScenario(share.scenario);
const engine = chooseEngine(share.engine);
if (chosen.kind === "failed" || "missing" in engine) throw new Error("asked for what is not there");
if (share.engine === "xs") keepToOneCore(share.processor);
const props = await buildProps();
const { name, scenario } = chosen.value;
for (let seed = share.first; seed <= share.last; seed++) {
  const options = { seed, engine, engineName: share.engine };
  process.send?.(await runScenario(name, scenario, props, options));
}

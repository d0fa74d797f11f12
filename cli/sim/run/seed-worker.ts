/** Plays the seeds of one share and sends each result to the process that asked. */
import { once } from "node:events";
import { chooseEngine } from "../../../host-sim/engines/engine-choice.ts";
import { keepToOneCore } from "../../../host-sim/engines/one-core.ts";
import { buildProps } from "../scenario-props.ts";
import { runScenario } from "./run-scenario.ts";
import type { SeedMessage, SeedShare } from "./run-seeds.ts";
import { chooseScenario } from "./scenario-file.ts";

// Ctrl-C reaches it too: who started it says when it ends.
process.on("SIGINT", () => {});
// Not an argument: a plan may be longer than those can be.
const [share]: SeedShare[] = await once(process, "message");
// It never outlives who started it; nor does it wait for that when a story waits for nothing.
process.once("disconnect", () => process.exit());
process.channel?.unref();
if (share === undefined) throw new Error("asked for nothing");
const chosen = await chooseScenario(share.scenario);
const engine = chooseEngine(share.engine);
if (chosen.kind === "failed" || "missing" in engine) throw new Error("asked for what is not there");
if (share.engine === "xs") keepToOneCore(share.processor);
const props = await buildProps();
const { name, scenario } = chosen.value;
const tell = (message: SeedMessage) => process.send?.(message);
const given = share.plan === undefined ? {} : { plan: share.plan };
for (let seed = share.first; seed <= share.last; seed++) {
  const begins = () => tell({ kind: "begins", seed });
  const options = { seed, engine, engineName: share.engine, begins, ...given };
  tell({ kind: "played", result: await runScenario(name, scenario, props, options) });
}

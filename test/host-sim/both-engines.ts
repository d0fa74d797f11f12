import { chooseEngine } from "../../host-sim/engines/engine-choice.ts";
import type { Engine } from "../../host-sim/engines/guest-port.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";

const chosen = chooseEngine("xs");
if ("missing" in chosen && process.env.CI !== undefined) throw new Error(chosen.missing);

/** Undefined where XS is not built; in CI it must be. */
export const xs: Engine | undefined = "missing" in chosen ? undefined : chosen;

export const engines: readonly (readonly [string, Engine])[] = [
  ["node", nodeEngine],
  ...(xs === undefined ? [] : [["xs", xs] as const]),
];

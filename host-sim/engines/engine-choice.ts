import { existsSync } from "node:fs";
import { hasFifos } from "./fifos.ts";
import type { Engine } from "./guest-port.ts";
import { nodeEngine } from "./node.ts";
import { xsEngine } from "./xs.ts";
import { XS_WORKER } from "./xs-worker.ts";

export type EngineName = "node" | "xs";

/** An engine by its name, or what this computer lacks for it. */
export function chooseEngine(name: EngineName): Engine | { readonly missing: string } {
  if (name === "node") return nodeEngine;
  if (!existsSync(XS_WORKER)) return { missing: "XS is not built here: npm run xs:build" };
  if (!hasFifos()) return { missing: "mkfifo, which connects XS, is not installed" };
  return xsEngine;
}

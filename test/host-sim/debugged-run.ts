/** Plays a photo with somebody attached, and prints where a function of the firmware's bundle comes from. */
import inspector from "node:inspector";
import { SourceMap } from "node:module";
import { playScenario } from "../../cli/sim/play-scenario.ts";
import { buildProps } from "../../cli/sim/scenario-props.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { scenario } from "../../host-sim/scenarios/photo.ts";

inspector.open(0, "127.0.0.1");
const session = new inspector.Session();
session.connect();
const urls: string[] = [];
session.on("Debugger.scriptParsed", ({ params }) => {
  if (params.url === "firmware.js") urls.push(params.sourceMapURL ?? "");
});
session.post("Debugger.enable");

const props = await buildProps();
const { broken } = await playScenario(scenario, props, { seed: 1, engine: nodeEngine });
const { javascript } = props.firmware;
const map = JSON.parse(Buffer.from(urls[0]?.split(",")[1] ?? "", "base64").toString());
const line = javascript.slice(0, javascript.indexOf("function startFeeder")).split("\n").length - 1;
const entry = new SourceMap(map).findEntry(
  line,
  javascript.split("\n")[line]?.indexOf("function") ?? 0,
);
process.stdout.write(`${JSON.stringify({ broken, entry })}\n`);
inspector.close();

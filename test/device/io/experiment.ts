import { build, type Plugin } from "esbuild";
import { clockCalls, digestCalls, textCalls } from "../../../host-sim/board/clock-calls.ts";
import { FEEDER_CURRENTS } from "../../../host-sim/board/currents.ts";
import { ecdsaCalls } from "../../../host-sim/board/ecdsa.ts";
import { EnergyMeter } from "../../../host-sim/board/energy-meter.ts";
import { type BoardCalls, PowerCycle } from "../../../host-sim/board/power.ts";
import { Radio } from "../../../host-sim/board/radio.ts";
import { nodeEngine } from "../../../host-sim/engines/node.ts";
import { Internet, type SentRequest } from "../../../host-sim/network/internet.ts";
import { World } from "../../../host-sim/world.ts";

const SIMULATED = {
  crypt: "crypt",
  curve: "curve",
  ecdsa: "ecdsa",
  ecp: "ecp",
  net: "net",
  timer: "timer",
  "mc/ffi": "ffi",
  "text/decoder": "text-decoder",
  "text/encoder": "text-encoder",
  "embedded:io/analog": "analog",
  "embedded:io/socket/tcp": "socket",
  "embedded:io/socket/tcp/tls": "socket",
  "embedded:io/socket/udp": "socket",
  "embedded:network/dns/resolver/udp": "dns-resolver",
  "embedded:network/http/client": "http-client",
  "embedded:network/interface/wifi": "wifi",
  "embedded:storage/flash": "flash-storage",
};

/** What mcconfig would have baked in is part of the plan. */
const plannedConfig: Plugin = {
  name: "planned-config",
  setup(bundler) {
    bundler.onResolve({ filter: /^mc\/config$/ }, ({ path }) => ({ path, namespace: "planned" }));
    bundler.onLoad({ filter: /^mc\/config$/, namespace: "planned" }, () => ({
      contents: "export default plan.config ?? {};",
    }));
  },
};

/** Firmware of an experiment: one file that finds its `plan` among the globals, and traces JSON. */
export async function bundleExperiment(entry: string): Promise<string> {
  const folder = `${import.meta.dirname}/../../../host-sim/embedded`;
  const modules = Object.entries(SIMULATED).map(([name, file]) => [name, `${folder}/${file}.ts`]);
  const result = await build({
    entryPoints: [`${import.meta.dirname}/${entry}`],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    alias: Object.fromEntries(modules),
    plugins: [plannedConfig],
  });
  return result.outputFiles[0]?.text ?? "";
}

interface Surroundings {
  /** Instead of a server that answers 404. */
  readonly answer?: (request: SentRequest) => Response;
  /** What the board has besides processor and radio. */
  readonly calls?: BoardCalls;
}

/** A board that runs an experiment; `Outcome` is what it traces. */
export function startExperiment<Outcome>(
  bundle: string,
  plan: unknown,
  { answer = () => new Response(null, { status: 404 }), calls = {} }: Surroundings = {},
) {
  const world = new World({ seed: 1, pace: "virtual", startedAtMs: 0 });
  const internet = new Internet(world, {
    request: async (request) => answer(request),
    connect: () => ({ send: () => {}, close: () => {} }),
  });
  const radio = new Radio(
    world,
    internet,
    "board",
    new EnergyMeter(FEEDER_CURRENTS, "alone", world),
  );
  const power = new PowerCycle(world, 0);
  const traced: { atMs: number; outcome: Outcome }[] = [];
  const all: BoardCalls = {
    ...clockCalls(power),
    ...digestCalls(),
    ...ecdsaCalls(power),
    ...textCalls(),
    ...radio.calls(power),
    ...calls,
    trace: (text) => {
      traced.push({ atMs: world.nowMs, outcome: JSON.parse(String(text)) as Outcome });
    },
  };
  const { dispatch } = nodeEngine(`const plan = ${JSON.stringify(plan)};\n${bundle}`, {
    operations: Object.keys(all),
    wallClockMs: () => world.nowMs,
    random: world.random("board"),
    call: (operation, args) => all[operation]?.(...args) ?? undefined,
    died: (death) => world.fail(death),
  });
  power.dispatch = dispatch;
  return { world, internet, radio, traced };
}

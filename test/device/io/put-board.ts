import { build } from "esbuild";
import { clockCalls, textCalls } from "../../../host-sim/board/clock-calls.ts";
import { type BoardCalls, PowerCycle } from "../../../host-sim/board/power.ts";
import { Radio } from "../../../host-sim/board/radio.ts";
import { nodeEngine } from "../../../host-sim/engines/node.ts";
import { Internet, type SentRequest } from "../../../host-sim/network/internet.ts";
import { World } from "../../../host-sim/world.ts";
import type { PutOutcome, PutPlan } from "./put-firmware.ts";

const SIMULATED = {
  net: "net",
  timer: "timer",
  "text/decoder": "text-decoder",
  "embedded:io/socket/tcp": "socket",
  "embedded:io/socket/tcp/tls": "socket",
  "embedded:io/socket/udp": "socket",
  "embedded:network/dns/resolver/udp": "dns-resolver",
  "embedded:network/http/client": "http-client",
  "embedded:network/interface/wifi": "wifi",
};

const firmware = bundle();

/** A board with nothing but a radio, and a server that takes what is PUT. */
export async function startPut(plan: PutPlan) {
  const world = new World({ seed: 1, pace: "virtual", startedAtMs: 0 });
  const received: Uint8Array[] = [];
  const internet = new Internet(world, {
    request: async (request) => receive(request, received),
    connect: () => ({ send: () => {}, close: () => {} }),
  });
  const radio = new Radio(internet);
  const power = new PowerCycle(world, 0);
  const ended: { atMs: number; outcome: PutOutcome }[] = [];
  const calls: BoardCalls = {
    ...clockCalls(power),
    ...textCalls(),
    ...radio.calls(power),
    trace: (text) => {
      ended.push({ atMs: world.nowMs, outcome: JSON.parse(String(text)) as PutOutcome });
    },
  };
  const javascript = `const plan = ${JSON.stringify(plan)};\n${await firmware}`;
  const { dispatch } = nodeEngine(javascript, {
    wallClockMs: () => world.nowMs,
    random: world.random("board"),
    call: (operation, args) => calls[operation]?.(...args) ?? undefined,
  });
  power.dispatch = dispatch;
  return { world, internet, radio, received, ended };
}

async function receive({ body }: SentRequest, received: Uint8Array[]): Promise<Response> {
  if (body !== null) received.push(body);
  return new Response("{}");
}

async function bundle(): Promise<string> {
  const folder = `${import.meta.dirname}/../../../host-sim/embedded`;
  const alias = Object.fromEntries(
    Object.entries(SIMULATED).map(([name, file]) => [name, `${folder}/${file}.ts`]),
  );
  const result = await build({
    entryPoints: [`${import.meta.dirname}/put-firmware.ts`],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    alias,
  });
  return result.outputFiles[0]?.text ?? "";
}

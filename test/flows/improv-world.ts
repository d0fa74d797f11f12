import { join } from "node:path";
import { build } from "esbuild";
import type { ImprovSerial } from "improv-wifi-serial-sdk/dist/serial.js";
import { startVirtualServer } from "../../cli/sim/server/virtual-server.ts";
import { SerialBridge } from "../../host-sim/board/serial-bridge.ts";
import { SECOND_MS } from "../../host-sim/durations.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { bundleFirmware } from "../../host-sim/firmware.ts";
import { Stage } from "../../host-sim/stage.ts";
import type { World } from "../../host-sim/world.ts";

export const BARE_ID = "24a160000001";
const SLICE_MS = 20;
const firmware = bundleFirmware();

type ImprovClass = new (port: object, logger: object) => ImprovSerial;

/** Its ESM imports without extensions, which only a bundler follows. */
const sdk = build({
  stdin: {
    contents: 'export { ImprovSerial } from "improv-wifi-serial-sdk/dist/serial.js";',
    resolveDir: join(import.meta.dirname, "../.."),
  },
  bundle: true,
  write: false,
  format: "esm",
}).then(async ({ outputFiles: [file] }) => {
  const url = `data:text/javascript;base64,${Buffer.from(file?.contents ?? "").toString("base64")}`;
  return ((await import(/* @vite-ignore */ url)) as { ImprovSerial: ImprovClass }).ImprovSerial;
});

/** A promise of somebody outside the world, while the world goes on. */
export async function whenOver<Value>(world: World, promise: Promise<Value>): Promise<Value> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  promise.then(over, over);
  while (!isOver) {
    await world.run(world.nowMs + SLICE_MS);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return promise;
}

/** A board on a desk with the real Improv client at the other end of its cable. */
export async function startDesk(
  options: {
    readonly bare?: boolean;
    readonly nvs?: Record<string, string>;
    readonly closedServer?: boolean;
    /** When somebody comes to the desk. */
    readonly cameAtMs?: number;
  } = {},
) {
  const { bare = true, nvs = {}, closedServer = false, cameAtMs = 3 * SECOND_MS } = options;
  const trace: string[] = [];
  const stage = await Stage.build({
    ...{ seed: 1, pace: "virtual", engine: nodeEngine, deviceIds: [BARE_ID], bare },
    nvs,
    firmware: await firmware,
    view: () => ({ still: () => new Uint8Array(3_000) }),
    startServer: (world: World) => startVirtualServer(world, undefined, { closedServer }),
    watchTrace: (line) => trace.push(line),
  });
  const [feeder] = stage.feeders;
  if (feeder === undefined) throw new Error("no feeder");
  const { world, internet } = stage;
  const { board, log } = feeder;
  stage.powerOn();
  const runFor = (forMs: number) => world.run(world.nowMs + forMs);
  await runFor(cameAtMs);

  const bridge = new SerialBridge(world, board);
  const cable: Uint8Array[] = [];
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => {
      bridge.hear = (bytes) => {
        cable.push(bytes);
        controller.enqueue(bytes);
      };
    },
  });
  const writable = new WritableStream<Uint8Array>({ write: (bytes) => bridge.write(bytes) });
  const logger = { log: () => {}, debug: () => {}, error: () => {} };
  const client = new (await sdk)({ readable, writable }, logger);

  return {
    client,
    bridge,
    stage,
    world,
    internet,
    board,
    log,
    trace,
    /** Everything that came out of UART0. */
    cable: () => Buffer.concat(cable).toString("latin1"),
    runFor,
    when: <Value>(promise: Promise<Value>) => whenOver(world, promise),
    heartbeats: (sinceMs = 0) =>
      stage.server.heard.filter(
        ({ atMs, message }) => atMs >= sinceMs && message.type === "event.heartbeat",
      ),
    /** What a restart would join with. */
    kept: () => ({
      wifi: board.nvs.get("skyfeeder/wifi"),
      ssid: board.nvs.get("skyfeeder/ssid"),
      password: board.nvs.get("skyfeeder/password"),
    }),
  };
}

import { join } from "node:path";
import { build } from "esbuild";
import { encodeAppImage } from "../../host-sim/board/app-image.ts";
import { FeederBoard } from "../../host-sim/board/board.ts";
import type { BoardOptions } from "../../host-sim/board/board-options.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { Internet, type SentRequest } from "../../host-sim/network/internet.ts";
import { CameraBoard } from "../../host-sim/peers/camera.ts";
import { cameraProgram } from "../../host-sim/peers/camera-firmware.ts";
import { World } from "../../host-sim/world.ts";

const MODULES = {
  curve: "curve",
  ecdsa: "ecdsa",
  ecp: "ecp",
  time: "time",
  timer: "timer",
  "mc/ffi": "ffi",
  "embedded:io/analog": "analog",
  "embedded:io/serial": "serial",
  "embedded:network/dns/resolver/udp": "dns-resolver",
  "embedded:network/http/client": "http-client",
  "embedded:network/interface/wifi": "wifi",
  "embedded:storage/flash": "flash-storage",
  "embedded:storage/key-value": "key-value",
};

/** What every small firmware may use without asking. `__board` is the port that the modules themselves use. */
const PRELUDE = `
import ECDSA from "ecdsa";
import ECPoint from "ecp";
import Curve from "curve";
import Time from "time";
import Timer from "timer";
import FFI from "mc/ffi";
import Analog from "embedded:io/analog";
import Serial from "embedded:io/serial";
import Resolver from "embedded:network/dns/resolver/udp";
import HTTPClient from "embedded:network/http/client";
import WiFi from "embedded:network/interface/wifi";
import flash from "embedded:storage/flash";
import storage from "embedded:storage/key-value";

const native = new FFI();
const nvs = storage.open({ path: "skyfeeder" });
const onceOnline = (run) => {
  const wifi = new WiFi({ onChanged: () => wifi.connection === 500 && run() });
  wifi.connect({ SSID: "garden", password: "eight-or-more" });
};
const http = () => new HTTPClient({ host: "server.test", dns: { io: Resolver } });
`;

export const PARTITIONS = `
nvs,      data, nvs,     0x9000,   0x6000,
otadata,  data, ota,     0xf000,   0x2000,
ota_0,    app,  ota_0,   0x20000,  0x20000,
ota_1,    app,  ota_1,   0x40000,  0x20000,
spool,    data, 0x40,    0x380000, 0x80000,
`;

/** A firmware of a few lines of JavaScript. */
export async function bundleSmall(source: string): Promise<string> {
  const folder = join(import.meta.dirname, "../../host-sim/embedded");
  const result = await build({
    stdin: { contents: PRELUDE + source, resolveDir: folder },
    // First of all: the modules take the port away.
    banner: { js: "const port = __board;" },
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    alias: Object.fromEntries(
      Object.entries(MODULES).map(([name, file]) => [name, join(folder, `${file}.ts`)]),
    ),
  });
  return result.outputFiles[0]?.text ?? "";
}

export async function imageOf(source: string, version = "1.0.0"): Promise<Uint8Array> {
  const javascript = await bundleSmall(source);
  return encodeAppImage({ product: "small", version, javascript });
}

/** A world with a server of one function. */
export function startWorld(answer: (request: SentRequest) => Response, seed = 1) {
  const trace: string[] = [];
  const world = new World({
    seed,
    pace: "virtual",
    startedAtMs: 0,
    watchTrace: (line) => trace.push(line),
  });
  const internet = new Internet(world, {
    request: async (request) => answer(request),
    connect: () => ({ send: () => {}, close: () => {} }),
  });
  return { world, internet, trace };
}

export const noServer = () => new Response(null, { status: 404 });

/** A board in that world; it is off. */
export function placeBoard(
  { world, internet }: Pick<ReturnType<typeof startWorld>, "world" | "internet">,
  firmware: BoardOptions["firmware"],
  options: Partial<BoardOptions> = {},
) {
  const log: string[] = [];
  const deviceId = options.deviceId ?? "dev1";
  const camera = new CameraBoard(world, deviceId, {
    internet,
    view: { still: () => new Uint8Array(1) },
    firmware: cameraProgram,
  });
  const board = new FeederBoard(world, internet, camera, {
    deviceId,
    serverUrl: "http://server.test",
    engine: nodeEngine,
    log: (line) => log.push(line),
    ...options,
    firmware,
  });
  return { board, log };
}

/** A board that runs this firmware. */
export async function startSmall(
  source: string,
  options: Partial<BoardOptions> & { readonly answer?: (request: SentRequest) => Response } = {},
) {
  const { answer = noServer, ...rest } = options;
  const around = startWorld(answer);
  const image = await imageOf(source);
  const placed = placeBoard(around, { image, slot: 0, partitionCsv: PARTITIONS }, rest);
  placed.board.powerOn();
  return { ...around, ...placed };
}

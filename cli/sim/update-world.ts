import { createECDH, createPrivateKey } from "node:crypto";
import { encodeAppImage } from "../../host-sim/board/app-image.ts";
import { FeederBoard } from "../../host-sim/board/board.ts";
import type { Firmware } from "../../host-sim/board/board-options.ts";
import type { BootloaderBuild } from "../../host-sim/board/bootloader.ts";
import type { Flash } from "../../host-sim/board/flash.ts";
import type { Engine } from "../../host-sim/engines/guest-port.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { bundleFirmware, type FirmwareOptions } from "../../host-sim/firmware.ts";
import { type InProcessServer, inProcess } from "../../host-sim/network/in-process.ts";
import { Internet } from "../../host-sim/network/internet.ts";
import { CameraBoard, type CameraView } from "../../host-sim/peers/camera.ts";
import { cameraProgram } from "../../host-sim/peers/camera-firmware.ts";
import { SERVER_URL, STARTED_AT_MS } from "../../host-sim/stage.ts";
import { World } from "../../host-sim/world.ts";
import { readSigningKey, type SigningKey } from "../../server-min/firmware/signing-key.ts";
import { startVirtualServer, type VirtualServer } from "./server/virtual-server.ts";

export const DEVICE_ID = "dev1";
const STILL_BYTES = 20_000;

/** The same two keys in every world: what runs must follow from the seed alone. */
export const SIGNING_KEYS: readonly [SigningKey, SigningKey] = [keyOf(1), keyOf(2)];

function keyOf(number: number): SigningKey {
  const d = Buffer.alloc(32, number);
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(d);
  const point = curve.getPublicKey();
  const coordinate = (from: number): string =>
    point.subarray(from, from + 32).toString("base64url");
  const place = { x: coordinate(1), y: coordinate(33) };
  const jwk = { kty: "EC", crv: "P-256", d: d.toString("base64url"), ...place };
  const privateKey = createPrivateKey({ key: jwk, format: "jwk" });
  const key = readSigningKey(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  if (key === undefined) throw new Error("no signing key");
  return key;
}

/** Firmware that trusts both keys, whatever else is asked of it. */
export function buildFirmware(options: FirmwareOptions = {}): Promise<Firmware> {
  const updateKeys = SIGNING_KEYS.map(({ firmwareKey }) => firmwareKey).join(" ");
  return bundleFirmware({ ...options, config: { updateKeys, ...options.config } });
}

export interface UpdateWorldOptions {
  readonly seed: number;
  /** What the board runs; a chip is taken from another world as it is. */
  readonly firmware: Firmware | Flash;
  readonly signingKey?: SigningKey;
  readonly nvs?: Readonly<Record<string, string>>;
  readonly bugsAreFatal?: boolean;
  readonly bootloader?: BootloaderBuild;
  readonly engine?: Engine;
  readonly view?: CameraView;
  readonly watchTrace?: (line: string) => void;
}

/** Between the feeder and the server: whoever sits there may answer instead, or change an answer. */
export interface Path {
  intercept: (request: Request) => Response | undefined;
  tamper: (answer: Response, request: Request) => Response | Promise<Response>;
}

export type UpdateWorld = Awaited<ReturnType<typeof createUpdateWorld>>;

/** One feeder and the real server, for updates: the board's flash, what its room hears, and releases to publish. */
export async function createUpdateWorld(options: UpdateWorldOptions) {
  const {
    seed,
    watchTrace,
    firmware,
    signingKey = SIGNING_KEYS[0],
    bugsAreFatal,
    nvs,
    bootloader,
  } = options;
  const watched = watchTrace === undefined ? {} : { watchTrace };
  const world = new World({ seed, pace: "virtual", startedAtMs: STARTED_AT_MS, ...watched });
  const server = await startVirtualServer(world, signingKey);
  const path: Path = { intercept: () => undefined, tamper: (answer) => answer };
  const internet = new Internet(world, inProcess(behind(path, server)));
  const { view = { still: () => new Uint8Array(STILL_BYTES).fill(0xd8) } } = options;
  const camera = new CameraBoard(world, DEVICE_ID, { internet, view, firmware: cameraProgram });
  const log: string[] = [];
  const board = new FeederBoard(world, internet, camera, {
    deviceId: DEVICE_ID,
    serverUrl: SERVER_URL,
    firmware,
    engine: options.engine ?? nodeEngine,
    log: (line) => log.push(line),
    ...(bugsAreFatal === undefined ? {} : { bugsAreFatal }),
    ...(nvs === undefined ? {} : { nvs }),
    ...(bootloader === undefined ? {} : { bootloader }),
  });
  const { heard } = server;
  return {
    world,
    server,
    internet,
    board,
    log,
    heard,
    path,
    publish: (image: Uint8Array<ArrayBuffer>, query = "channel=stable&board=feeder") =>
      publish(server.ask, image, query),
    command: (body: object) =>
      post(server.ask, "/v1/ota/command", { deviceId: DEVICE_ID, ...body }),
    /** What the server knows of the feeder's firmware. */
    status: async (): Promise<Record<string, unknown>> => {
      const answer = (await (await server.ask("/v1/ota/status")).json()) as unknown;
      const rows = (Array.isArray(answer) ? answer : []) as Record<string, unknown>[];
      return rows.find(({ deviceId }) => deviceId === DEVICE_ID) ?? {};
    },
    /** Stages and results of updates, in the order the room heard them. */
    stages: () =>
      heard
        .filter(({ message }) => message.type === "event.ota")
        .map(({ message }) => message.payload as Record<string, unknown>),
  };
}

/** The server as it is seen past whoever sits there. */
function behind(path: Path, server: VirtualServer): InProcessServer {
  return {
    fetch: async (request) =>
      path.intercept(request) ?? path.tamper(await server.fetch(request), request),
    get rooms() {
      return server.rooms;
    },
  };
}

type Ask = (path: string, init?: RequestInit) => Promise<Response>;

async function publish(ask: Ask, image: Uint8Array<ArrayBuffer>, query: string) {
  const headers = {
    "Content-Type": "application/octet-stream",
    "Content-Length": String(image.length),
  };
  const answer = await ask(`/v1/releases?${query}`, { method: "POST", headers, body: image });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function post(ask: Ask, path: string, body: object) {
  const headers = { "Content-Type": "application/json" };
  const answer = await ask(path, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** An image of this firmware, of about so many bytes. */
export function imageOf(firmware: Firmware, padToBytes?: number): Uint8Array<ArrayBuffer> {
  const padding = padToBytes === undefined ? {} : { padToBytes };
  return new Uint8Array(encodeAppImage({ ...firmware, ...padding }));
}

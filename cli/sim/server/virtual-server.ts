import type { Hono } from "hono";
import type { ServerSocket, SocketPeer } from "../../../host-sim/network/internet.ts";
import { ServerDisk } from "../../../host-sim/peers/server-disk.ts";
import {
  type CrashKind,
  CrashPoints,
  ServerProcess,
} from "../../../host-sim/peers/server-process.ts";
import type { StageProps } from "../../../host-sim/scenario.ts";
import { SERVER_URL } from "../../../host-sim/stage.ts";
import type { Heard } from "../../../host-sim/staged-server.ts";
import type { World } from "../../../host-sim/world.ts";
import packageJson from "../../../package.json" with { type: "json" };
import { createApp } from "../../../server-min/app.ts";
import { Background } from "../../../server-min/background.ts";
import type { SigningKey } from "../../../server-min/firmware/signing-key.ts";
import { ServerMetrics } from "../../../server-min/metrics/server-metrics.ts";
import type { AppPorts, Clock, ObjectStore, Random } from "../../../server-min/ports.ts";
import { signRoomToken } from "../../../server-min/relay/room-token.ts";
import type { Rooms } from "../../../server-min/relay/rooms.ts";
import type { Retention } from "../../../server-min/settings.ts";
import { openFolderObjects } from "../../../server-min/storage/folder-objects.ts";
import { keepStatements, openDatabase } from "../../../server-min/storage/node-sqlite.ts";
import { ProcessRooms } from "./process-rooms.ts";
import { openForProcess } from "./process-sqlite.ts";
import { openWorldBroker, type WorldBroker } from "./world-broker.ts";
import { PASSWORD_HASH, WorldOperator } from "./world-operator.ts";

const MQTT_URL = "mqtt://server.test:1883";
const RELAY_SECRET = "dev-only";
const OBJECTS_FOLDER = "/objects";
const VIEWER_TOKEN_SECONDS = 3600;
/** What is stored in a story is there at its end, however many days it takes. */
const FOR_EVER: Retention = { photosDays: 0, clipsDays: 0 };

interface Running {
  readonly process: ServerProcess;
  readonly clock: Clock;
  readonly rooms: ProcessRooms;
  /** Undefined until it has opened its storage. */
  app: Hono | undefined;
  objects: ObjectStore | undefined;
  broker: WorldBroker | undefined;
}

/** The real server inside a virtual world, up and with a viewer in its rooms. */
export async function startVirtualServer(
  world: World,
  signingKey: SigningKey | undefined,
  {
    closedServer = false,
    broker = false,
    retention = FOR_EVER,
  }: Pick<StageProps, "closedServer" | "broker"> & { readonly retention?: Retention } = {},
): Promise<VirtualServer> {
  const server = new VirtualServer(world, signingKey, retention);
  server.isClosed = closedServer;
  server.hasBroker = broker;
  await server.start();
  return server;
}

/**
 * Its clock and its dice are the world's. Its process may end at any moment, and the next one starts on what was durable
 * then.
 */
export class VirtualServer {
  /** By one viewer, who joins again at every start. */
  readonly heard: Heard[] = [];
  /** Told once a crash, as an event of the world. */
  onCrash: () => void = () => {};
  /** From its next start on it trusts nobody without a token or the operator's password. */
  isClosed = false;
  /** From its next start on it has a broker, which discovery tells of. */
  hasBroker = false;
  /** What its disk says; nobody subtracts what is stored. */
  freeBytes = Infinity;
  readonly #world: World;
  readonly #signingKey: SigningKey | undefined;
  readonly #retention: Retention;
  readonly #random: Random;
  readonly #cutChance: () => number;
  readonly #points = new CrashPoints();
  readonly #disk = new ServerDisk();
  /** Outlives every process, for what SQLite has committed is durable: docs/decisions/0021-the-server-in-the-world.md */
  readonly #database = openDatabase(":memory:");
  readonly #statements = keepStatements(this.#database);
  readonly #operator = new WorldOperator(SERVER_URL, (request) => this.fetch(request));
  #run: Running | undefined;
  #clockAheadMs = 0;

  constructor(world: World, signingKey: SigningKey | undefined, retention: Retention) {
    this.#world = world;
    this.#signingKey = signingKey;
    this.#retention = retention;
    const chance = world.random("server");
    const byte = () => Math.floor(chance() * 256);
    this.#random = { bytes: (length) => Uint8Array.from({ length }, byte) };
    this.#cutChance = world.random("server/power");
  }

  get isUp(): boolean {
    return this.#run?.app !== undefined && this.#run.process.isAlive;
  }

  /** Of the running process; after its end, of the one that was, where nobody is heard any more. */
  get rooms(): Rooms {
    if (this.#run === undefined) throw new Error("the server was never started");
    return this.#run.rooms;
  }

  /** What its broker retains; nothing where none runs. */
  get retained(): ReadonlyMap<string, string> {
    return this.#run?.broker?.retained ?? new Map();
  }

  /** An operator publishes; nobody hears of it where no broker runs. */
  readonly say = async (topic: string, text: string): Promise<void> => {
    const { broker, process } = this.#run ?? {};
    if (broker !== undefined) await process?.outlast(broker.take(topic, Buffer.from(text)));
  };

  /** A connection to its broker. */
  readonly acceptMqtt = (peer: SocketPeer): ServerSocket => {
    const { broker, process } = this.#run ?? {};
    if (broker !== undefined && process?.isAlive) return broker.accept(peer);
    peer.closed("refused");
    return { send: () => {}, close: () => {} };
  };

  /** Durable steps so far, of all processes: file operations, and statements that write. */
  get operations(): number {
    return this.#points.operations;
  }

  /** Rejects when nobody listens, and when the process ends before it has answered. */
  readonly fetch = async (request: Request): Promise<Response> => {
    const { app, process } = this.#run ?? {};
    const isListening = app !== undefined && process?.isAlive;
    const answer = isListening && (await process.outlast(Promise.resolve(app.fetch(request))));
    if (!answer) throw new Error("no server");
    return answer;
  };

  /**
   * A request of somebody beside the feeders. What is stored is read as the page reads it, and that is no durable step:
   * `/v1/index/dev1/2026-06-01` has the keys of a day, `/v1/objects/<key>` the bytes.
   */
  readonly ask = (path: string, init?: RequestInit): Promise<Response> => {
    const request = new Request(`${SERVER_URL}${path}`, init);
    return this.isClosed ? this.#operator.ask(request) : this.fetch(request);
  };

  /** What lies on its disk under a prefix, whatever any index says. */
  async storedKeys(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.#run?.objects?.list(prefix) ?? []) keys.push(key);
    return keys;
  }

  /** The next process. Done when it listens, or when it has ended before. */
  async start(): Promise<void> {
    const before = this.#run;
    if (before?.process.isAlive) throw new Error("the server runs already");
    breakAll(before);
    if (before !== undefined) this.#trace("start");
    const process = new ServerProcess(this.#points, (how) => this.crash(how));
    const clock = this.#clockOf(process);
    const run: Running = {
      process,
      clock,
      rooms: new ProcessRooms(clock, RELAY_SECRET, process),
      app: undefined,
      objects: undefined,
      broker: undefined,
    };
    this.#run = run;
    const opening = openFolderObjects(this.#disk.mount(process), OBJECTS_FOLDER);
    const objects = await process.outlast(opening);
    if (objects === undefined) return;
    run.objects = objects;
    const ports = this.#portsOf(run, objects);
    run.app = createApp(ports);
    if (this.hasBroker) run.broker = await process.outlast(openWorldBroker(ports, process));
    this.#listenIn(run);
  }

  /** Ends the process now, if one runs. What else a machine without power does not do is the Internet's to say. */
  crash(how: CrashKind): void {
    const run = this.#run;
    if (!run?.process.isAlive) return;
    run.process.end();
    if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    if (how === "power") this.#disk.cutPower(this.#cutChance);
    // A machine without power resets no connection before it is back and knows nothing of them.
    else breakAll(run);
    this.#trace(how);
    this.#world.after(0, () => this.onCrash());
  }

  /** Ends it in its n-th durable step from now, also in one of a later process; infinity: in none. */
  crashAt(operationsFromNow: number, when: "before" | "after", how: CrashKind): void {
    this.#points.plan(operationsFromNow, when, how);
  }

  /** Of its wall clock. */
  stepClock(byMs: number): void {
    this.#clockAheadMs += byMs;
  }

  #clockOf(process: ServerProcess): Clock {
    return {
      nowMs: () => this.#world.wallClockMs() + this.#clockAheadMs,
      after: (delayMs, elapsed) => {
        this.#world.after(delayMs, () => {
          if (process.isAlive) elapsed();
        });
      },
    };
  }

  #portsOf({ process, clock, rooms }: Running, objects: ObjectStore): AppPorts {
    const report = (error: unknown) => this.#world.fail(error);
    return {
      clock,
      random: this.#random,
      sql: openForProcess(this.#statements, process),
      objects,
      diskSpace: () => ({ freeBytes: this.freeBytes, totalBytes: Infinity }),
      rooms,
      background: new Background(report),
      settings: {
        version: packageJson.version,
        publicUrl: SERVER_URL,
        mqttUrl: this.hasBroker ? MQTT_URL : undefined,
        relaySecret: RELAY_SECRET,
        uploadSecret: "upload-secret",
        adminPasswordHash: this.isClosed ? PASSWORD_HASH : undefined,
        tokenKeys: [{ kid: "world", secret: "device-secret" }],
        signingKey: this.#signingKey,
        allowedOrigins: [],
        retention: this.#retention,
        testRoutes: true,
      },
      report,
      metrics: new ServerMetrics(packageJson.version),
      answered: () => {},
      notice: (text) => this.#trace(text),
    };
  }

  #listenIn({ clock, rooms }: Running): void {
    const lifetime = { nowMs: clock.nowMs(), lifetimeSeconds: VIEWER_TOKEN_SECONDS };
    rooms.join(signRoomToken(RELAY_SECRET, { role: "viewer", rooms: ["*"] }, lifetime), {
      send: (text) => this.heard.push({ atMs: this.#world.nowMs, message: JSON.parse(text) }),
      close: () => {},
    });
  }

  #trace(what: string): void {
    this.#world.trace.add(this.#world.nowMs, "server", what);
  }
}

function breakAll(run: Running | undefined): void {
  run?.rooms.breakAll();
  run?.broker?.breakAll();
}

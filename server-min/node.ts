import { BlockList } from "node:net";
import type { Hono } from "hono";
import packageJson from "../package.json" with { type: "json" };
import { createApp } from "./app.ts";
import { Background } from "./background.ts";
import type { SigningKey } from "./firmware/signing-key.ts";
import { readSigningKey } from "./firmware/signing-key.ts";
import { approveOwnFeeder as approve } from "./identity/decide-enrolment.ts";
import type { AdminAccess, AdminRefusal } from "./machine/admin-access.ts";
import { chooseAdminAccess, openAdminAccess } from "./machine/admin-access.ts";
import { buildListener } from "./machine/app-listener.ts";
import { readProxies } from "./machine/client-address.ts";
import { SystemClock } from "./machine/clock.ts";
import { addDashboard } from "./machine/dashboard-files.ts";
import type { DataFolder, DataFolderFailure } from "./machine/data-folder.ts";
import { openDataFolder } from "./machine/data-folder.ts";
import { diskSpaceOf } from "./machine/disk-space.ts";
import { stopServing } from "./machine/graceful-stop.ts";
import type { ListenFailure } from "./machine/http-listeners.ts";
import { HttpListeners } from "./machine/http-listeners.ts";
import { isLoopback, loopbackGuard } from "./machine/loopback-guard.ts";
import { addProcessMetrics } from "./machine/process-metrics.ts";
import { machineRandom } from "./machine/random.ts";
import type { ServerLog } from "./machine/server-log.ts";
import { textLog } from "./machine/server-log.ts";
import { baseUrl, hostOf, localUrl } from "./machine/server-urls.ts";
import type { SettingsFile } from "./machine/settings-file.ts";
import { keyNotices, OPEN_RELAY_SECRET, startNotices } from "./machine/start-notices.ts";
import type { TlsFailure } from "./machine/tls-identity.ts";
import { readTlsIdentity, tlsNotices, watchTlsFiles } from "./machine/tls-identity.ts";
import { addMqttFigures } from "./metrics/mqtt-figures.ts";
import { ServerMetrics } from "./metrics/server-metrics.ts";
import { authenticateClients } from "./mqtt/authenticate.ts";
import type { Mqtt, MqttFailure, MqttSettings } from "./mqtt/start-mqtt.ts";
import { openMqtt } from "./mqtt/start-mqtt.ts";
import type { AppPorts, Simulation } from "./ports.ts";
import { checkFeeders } from "./relay/feeder-access.ts";
import { Rooms } from "./relay/rooms.ts";
import { RoomSockets } from "./relay/websocket.ts";
import type { Settings } from "./settings.ts";
import { USUAL_RETENTION } from "./settings.ts";

/** What a settings file says of these is taken as it is. */
type FromSettings = Pick<
  SettingsFile,
  | "allowedOrigins"
  | "trustedProxies"
  | "secretsFile"
  | "database"
  | "objects"
  | "retention"
  | "disk"
  | "tls"
>;

export interface ServerOptions extends FromSettings {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly dataDir: string;
  /** What clients reach the server by, when that is not host and port. */
  readonly publicUrl?: string;
  /** More ports with the same server, for clients of a stack that had several. */
  readonly alsoListen?: readonly number[];
  readonly mqtt?: MqttSettings | undefined;
  readonly simulation?: Simulation;
  readonly dashboardDir?: string;
  /** Serve strangers although anybody may claim to be any feeder. */
  readonly insecure?: boolean;
  /** The operator's; with one, also devices have to prove who they are. */
  readonly adminPassword?: string | undefined;
  /** Somebody reads the notices, and would see a password that was made. */
  readonly mayMakePassword?: boolean;
  /** The private key that signs releases, as PEM. Without it a server on loopback makes one of its own. */
  readonly signingKey?: string;
  /** How often feeders are to ask for updates. */
  readonly updateCheckSeconds?: number;
  /** Told what whoever started the server should know: at the start, and of every bug where there is no `log`. */
  notice(text: string): void;
  readonly log?: ServerLog;
}

export interface RunningServer {
  readonly kind: "running";
  /** Where this machine reaches the server. */
  readonly url: string;
  /** Where its clients do; all URLs it hands out start with this. */
  readonly publicUrl: string;
  /** The public half of what signs its releases, as firmware is built with it. */
  readonly firmwareKey: string | undefined;
  readonly app: Hono;
  readonly rooms: Rooms;
  readonly mqtt: Mqtt | undefined;
  /** Lets the feeder in that shows this code: for those that the starter runs itself. */
  approveOwnFeeder(claimCode: string): Promise<void>;
  close(): Promise<void>;
}

export type StartFailure =
  | ListenFailure
  | DataFolderFailure
  | TlsFailure
  | MqttFailure
  | {
      readonly kind: "failed";
      readonly reason: AdminRefusal | "bad_public_url" | "bad_signing_key";
    };

/** Starts the server on this machine: real clock, real sockets, one folder. */
export async function startServer(options: ServerOptions): Promise<RunningServer | StartFailure> {
  const checked = checkOptions(options);
  if (checked.kind === "failed") return checked;
  const { choice, givenUrl, givenKey, tls } = checked;
  const withDevelopmentKey = isLoopback(options.host) && givenKey === undefined;
  const log = options.log ?? textLog(options.notice);
  const report: AppPorts["report"] = (error, requestId) => log.bug(error, requestId);
  const { database, objects, secretsFile } = options;
  const opening = { withDevelopmentKey, secretsFile, database, objects, report };
  const data = await openDataFolder(options.dataDir, opening);
  if ("kind" in data) return data;
  const admin = await openAdminAccess(choice, options.dataDir, data.sql);

  const clock = new SystemClock();
  const { notice } = options;
  const opened = await openMqtt(options.mqtt, { clock, sql: data.sql, tls, notice, report });
  const mqtt = opened.kind === "open" ? opened.mqtt : undefined;
  const listeners = new HttpListeners(tls);
  const main =
    opened.kind === "failed" ? opened : await listeners.listen(options.host, options.port);
  if (main.kind === "failed") {
    await mqtt?.close();
    await data.close();
    return main;
  }
  const url = localUrl(tls === undefined ? "http" : "https", options.host, main);
  const publicUrl = givenUrl ?? url;
  const signingKey = givenKey ?? data.developmentKey?.key;
  const own = { publicUrl, signingKey, admin, listeners, log, clock, mqtt, report };
  const server = buildServer(options, data, own);
  listeners.serve(main.server, server.listener, server.sockets);
  await mqtt?.serve(server);
  if (mqtt !== undefined) addMqttFigures(server.metrics, mqtt);
  const stopRenewing = renewTls(options, listeners, mqtt);
  const close = () => {
    stopRenewing();
    return closeServer({ listeners, server, data, mqtt, notice });
  };
  const failure = await listenAlso(options, listeners, server);
  if (failure !== undefined) {
    await close();
    return failure;
  }
  const notices = [...startNotices(options.host, publicUrl, admin), ...keyNotices(data)];
  if (tls !== undefined) notices.push(...tlsNotices(tls, hostOf(publicUrl), Date.now()));
  for (const text of notices) options.notice(text);
  const { app, rooms, approveOwnFeeder } = server;
  const firmwareKey = signingKey?.firmwareKey;
  const reached = { url, publicUrl, firmwareKey, app, rooms, mqtt, approveOwnFeeder };
  return { kind: "running", ...reached, close };
}

/** What can be said before anything is opened or taken. */
function checkOptions(options: ServerOptions) {
  const isLocal = isLoopback(options.host);
  const choice = chooseAdminAccess({
    password: options.adminPassword,
    dataDir: options.dataDir,
    mayBeOpen: isLocal || options.insecure === true,
    mayMakePassword: options.mayMakePassword === true,
  });
  if (choice.kind === "failed") return choice;
  const givenUrl = options.publicUrl === undefined ? undefined : baseUrl(options.publicUrl);
  if (givenUrl === null) return { kind: "failed", reason: "bad_public_url" } as const;
  const givenKey =
    options.signingKey === undefined ? undefined : readSigningKey(options.signingKey);
  if (options.signingKey !== undefined && givenKey === undefined) {
    return { kind: "failed", reason: "bad_signing_key" } as const;
  }
  const tls = options.tls && readTlsIdentity(options.tls, Date.now());
  if (tls?.kind === "failed") return tls;
  return { kind: "checked", choice, givenUrl, givenKey, tls } as const;
}

async function listenAlso(
  { host, alsoListen = [] }: ServerOptions,
  listeners: HttpListeners,
  { listener, sockets }: BuiltServer,
): Promise<ListenFailure | undefined> {
  for (const port of alsoListen) {
    const also = await listeners.listen(host, port);
    if (also.kind === "failed") return also;
    listeners.serve(also.server, listener, sockets);
  }
  return undefined;
}

interface OpenedParts {
  readonly publicUrl: string;
  readonly signingKey: SigningKey | undefined;
  readonly admin: AdminAccess;
  readonly listeners: HttpListeners;
  readonly log: ServerLog;
  readonly clock: SystemClock;
  readonly mqtt: Mqtt | undefined;
  readonly report: AppPorts["report"];
}

type BuiltServer = ReturnType<typeof buildServer>;

function buildServer(options: ServerOptions, data: DataFolder, own: OpenedParts) {
  const { publicUrl, admin, listeners, log, clock, mqtt, report } = own;
  const isOpen = admin.kind === "open";
  const random = machineRandom();
  const background = new Background(report);
  const settings = settingsOf(options, data, own);
  const rooms = new Rooms(clock, settings.relaySecret, mqtt?.processId);
  const checkCaller = isLoopback(options.host) ? loopbackGuard(publicUrl) : () => undefined;
  const { sql, objects } = data;
  const checkFeeder = checkFeeders({ sql, clock, settings });
  const sockets = new RoomSockets({ rooms, clock, background, checkCaller, checkFeeder });
  const metrics = new ServerMetrics(settings.version);
  addProcessMetrics(metrics.register);
  const simulation = options.simulation && { simulation: options.simulation };
  const ports = {
    ...{ clock, random, sql, objects, rooms, background, settings, report, metrics },
    probes: mqtt?.probes,
    diskSpace: () => diskSpaceOf(options.dataDir),
    notice: options.notice,
    answered: log.answered.bind(log),
    ...simulation,
  };
  const app = createApp(ports);
  const photoStore =
    options.objects === undefined
      ? []
      : [options.objects.publicEndpoint ?? options.objects.endpoint];
  const origins = [publicUrl, ...photoStore];
  addDashboard(app, { folder: options.dashboardDir, isOpen, origins });
  const proxies = readProxies(options.trustedProxies ?? []) ?? new BlockList();
  const listener = buildListener(app, { checkCaller, proxies, listeners, report });
  const approveOwnFeeder = (claimCode: string) => approve(ports, claimCode);
  const authenticate = authenticateClients({ sql, clock, settings });
  const told = { metrics, approveOwnFeeder, authenticate };
  return { app, listener, rooms, sockets, clock, background, ...told };
}

function settingsOf(
  options: ServerOptions,
  { secrets }: DataFolder,
  { publicUrl, signingKey, admin, mqtt }: OpenedParts,
): Settings {
  const isOpen = admin.kind === "open";
  const isLocal = isLoopback(options.host);
  return {
    version: packageJson.version,
    publicUrl,
    uploadSecret: secrets.uploadSecret,
    relaySecret: isLocal && isOpen ? OPEN_RELAY_SECRET : secrets.relaySecret,
    adminPasswordHash: isOpen ? undefined : admin.hash,
    tokenKeys: secrets.tokenKeys,
    signingKey,
    updateCheckSeconds: options.updateCheckSeconds,
    retention: {
      photosDays: options.retention?.photosDays ?? USUAL_RETENTION.photosDays,
      clipsDays: options.retention?.clipsDays ?? USUAL_RETENTION.clipsDays,
    },
    minFreeBytes: options.disk?.minFreeBytes,
    allowedOrigins: options.allowedOrigins ?? [],
    testRoutes: isLocal && isOpen,
    mqttUrl: mqtt?.url(new URL(publicUrl).hostname),
  };
}

async function closeServer(running: {
  readonly listeners: HttpListeners;
  readonly server: BuiltServer;
  readonly data: DataFolder;
  readonly mqtt: Mqtt | undefined;
  readonly notice: ServerOptions["notice"];
}): Promise<void> {
  const { listeners, server, data, mqtt, notice } = running;
  const { rooms, sockets, clock, background, metrics } = server;
  await stopServing({ listeners, rooms, sockets, notice });
  await mqtt?.close();
  clock.stop();
  // Its observer of garbage collection cannot be stopped: now it holds nothing of this server any more.
  metrics.register.clear();
  await background.idle();
  await data.close();
}

function renewTls({ tls, notice }: ServerOptions, listeners: HttpListeners, mqtt?: Mqtt) {
  if (tls === undefined) return () => {};
  return watchTlsFiles(tls, Date.now, (read) => {
    if (read.kind === "failed") return notice(`The certificate stays as it was: ${read.detail}`);
    listeners.renewTls(read);
    mqtt?.renewTls(read);
    notice(`Another certificate, until ${read.certificate.validToDate.toISOString()}`);
  });
}

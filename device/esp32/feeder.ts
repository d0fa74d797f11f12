/** READ FIRST: the feeder, top to bottom. A visit becomes a still in the spool, and the spool empties to the server. */
import type { DeviceConfig } from "../../protocol/device-config.ts";
import type { LogCommand } from "../../protocol/log-messages.ts";
import type { CapturePayload, VisitPayload } from "../../protocol/room-messages.ts";
import type { UpdateEventPayload } from "../../protocol/update-messages.ts";
import { parseUpdateWindow, type UpdateWindow } from "../../protocol/update-window.ts";
import { askForPortal } from "./boot.ts";
import { CameraSession } from "./capture/camera-session.ts";
import { watchPresence } from "./capture/presence-watch.ts";
import { Configuration } from "./configuration/configuration.ts";
import { keepUnwritten, watchFlash, watchStore } from "./critical-errors.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { serialHttp } from "./http-lane.ts";
import { asDevice } from "./identity/as-device.ts";
import { Enrolment } from "./identity/enrolment.ts";
import { TokenRenewal } from "./identity/token-renewal.ts";
import { TokenStore } from "./identity/token-store.ts";
import { Indicator } from "./indicator/indicator.ts";
import { BOOT_WELL_MS, SAFE_MODE_RETRY_MS } from "./limits.ts";
import type { HttpLane, Ports } from "./ports.ts";
import { Improv } from "./provisioning/improv.ts";
import { watchPress } from "./provisioning/press.ts";
import { RemoteLog } from "./remote-log/remote-log.ts";
import { ServerPlace } from "./server-place.ts";
import { Session } from "./session/session.ts";
import type { Settings } from "./settings.ts";
import { BootWatch } from "./update/boot-watch.ts";
import type { UpdateIdentity } from "./update/update-server.ts";
import { Updater } from "./update/updater.ts";
import { ClipUpload } from "./upload/clip-upload.ts";
import { Spool } from "./upload/spool.ts";
import { SpoolSink } from "./upload/spool-sink.ts";
import { UploadQueue } from "./upload/upload-queue.ts";

type Context = Settings & { readonly bootId: string; readonly config: DeviceConfig };
/** One object for all who need several: each copy of it would be 300 bytes. */
type FeederPorts = Ports & { readonly http: HttpLane };

/** What safe mode leaves out. */
interface Photos {
  readonly uploads: UploadQueue;
  isIdle(): boolean;
  networkChanged(online: boolean): void;
  sessionOpened(): void;
}

export function startFeeder(boardPorts: Ports, settings: Settings): void {
  const { board, store, log, appSlots } = boardPorts;
  const isOnTrial = appSlots.runningState() === "pending";
  const boots = new BootWatch(board, store, log, isOnTrial);
  const watched = watchCriticalErrors(boardPorts, boots);
  const tokens = new TokenStore(watched.store);
  const ports = inTurns(watched, tokens, () => session.tokenRefused());
  const boot = countBoot(ports);
  const configuration = new Configuration(ports, boots);
  const config = configuration.active;
  const context = { ...settings, bootId: boot.id, config };
  const server = new ServerPlace(ports.time, ports.wallClock, settings.serverUrl);
  const enrolment = new Enrolment(ports, tokens, settings);
  const session: Session = new Session(ports, server, context, enrolment);
  const renewal = new TokenRenewal(ports, server, tokens, () => session.isConnected);

  const isSafeMode = boots.safeMode !== undefined;
  const isBare = settings.wifi === undefined;
  const indicator = new Indicator(ports, { isSafeMode, isBare }, config);
  const photos = isSafeMode
    ? undefined
    : startPhotos(ports, server, session, { context, indicator });
  const updater = new Updater(ports, server, updateIdentity(context), boots, {
    config,
    window: () => updateWindow(context),
    isIdle: () => (photos?.isIdle() ?? true) && !configuration.isOnTrial,
    report: (payload) => {
      session.report({ type: "event.ota", payload });
      logUpdate(ports, payload);
    },
  });
  updater.start();
  startConfiguration(configuration, session, updater, indicator);

  const parts = { settings, configuration, boots, updater, photos };
  startHeartbeat(ports, session, { ...parts, bootCount: boot.count });
  session.start({
    connected: () => {
      configuration.reached();
      photos?.sessionOpened();
      renewal.look();
    },
    updates: updater,
    settings: configuration,
    followLog: logFollower(ports, session),
  });
  const listeners = [indicator, session, photos, updater];
  ports.network.start((online) => {
    for (const listener of listeners) listener?.networkChanged(online);
  });
  watchBoot(ports, boots, updater);
  startImprov(ports, settings, boots);
  logStart(ports, settings, boot.count, boots);
}

function startConfiguration(
  configuration: Configuration,
  session: Session,
  updater: Updater,
  indicator: Indicator,
): void {
  configuration.start({
    mayTry: () => !updater.isCommitted,
    report: (payload) => {
      indicator.configChanged();
      session.report({ type: "event.config", payload });
    },
    reconnect: () => session.reconnect(),
  });
}

/** Nobody reads the log before the first who follows it. */
function logFollower({ time, logFeed }: Ports, session: Session): (command: LogCommand) => void {
  let remote: RemoteLog | undefined;
  return (command) => {
    remote ??= new RemoteLog(time, {
      isReady: () => session.isCaughtUp,
      report: (payload) => session.report({ type: "event.log", payload }),
    });
    logFeed.readBy(remote);
    remote.follow(command);
  };
}

function logStart({ log }: Ports, settings: Settings, count: number, boots: BootWatch): void {
  const mode = boots.safeMode === undefined ? "" : ` in safe mode: ${boots.safeMode}`;
  const { deviceId, firmwareVersion } = settings;
  log.write("info", "feeder", `${deviceId} ${firmwareVersion} boot ${count}${mode}`);
}

/** Flow one, behind the sensors: from a still in the spool to the server, and clips past it. */
function startPhotos(
  ports: FeederPorts,
  server: ServerPlace,
  session: Session,
  { context, indicator }: { readonly context: Context; readonly indicator: Indicator },
): Photos {
  const tell = (payload: Parameters<ConstructorParameters<typeof UploadQueue>[4]>[0]): void => {
    indicator.uploadChanged(payload.status === "uploading");
    session.report({ type: "event.upload_status", payload });
  };
  const spool = new Spool(ports.spoolFlash);
  const uploads = new UploadQueue(ports, spool, server, context, tell);
  const clips = new ClipUpload(ports, server, context.deviceId, tell);
  const stills = new SpoolSink(spool, uploads, ports, server, context.bootId);
  const camera = startCapture(ports, session, { stills, clips }, context);
  return {
    uploads,
    isIdle: () => camera.isIdle && uploads.isIdle,
    networkChanged: (online) => {
      uploads.networkChanged(online);
      clips.networkChanged(online);
    },
    sessionOpened: () => uploads.reconnected(),
  };
}

/** Flow one, up to the spool: presence, camera, still. What was stored is the upload queue's from there on. */
function startCapture(
  ports: Ports,
  session: Session,
  media: { readonly stills: SpoolSink; readonly clips: ClipUpload },
  context: Context,
): CameraSession {
  let visits = 0;
  const camera = new CameraSession(ports, context, media, (shot, failure) => {
    const { captureId, latencyMs: latency_ms } = shot;
    const outcome = failure === undefined ? { ok: true } : { ok: false, reason: failure };
    const clip = shot.op === "clip" ? ({ kind: "clips" } as const) : {};
    const payload: CapturePayload = { captureId, latency_ms, ...clip, ...outcome };
    session.report({ type: "event.capture", payload });
  });

  camera.start();
  watchPresence(ports, context.config, {
    visited: (trigger, grams) => {
      const captureId = `${context.bootId}-${++visits}`;
      const weight = grams > 0 ? { weight_g: Math.round(grams) } : {};
      const visit: VisitPayload = { captureId, trigger, ...weight };
      session.report({ type: "event.visit", payload: visit });
      camera.visit(captureId);
    },
    departed: () => camera.departed(),
  });
  return camera;
}

/** What an operator has set goes before what the feeder was provisioned with. */
function updateIdentity(context: Context): UpdateIdentity {
  const { deviceId, firmwareVersion, build, channel, config } = context;
  return {
    ...{ deviceId, firmwareVersion, build },
    get channel() {
      return config.updateChannel ?? channel;
    },
  };
}

function updateWindow({ config, updateWindow: provisioned }: Context): UpdateWindow | undefined {
  const { updateWindow: text } = config;
  return text === undefined ? provisioned : parseUpdateWindow(text);
}

/** Progress is for the room. */
function logUpdate({ log }: Ports, payload: UpdateEventPayload): void {
  const { version, status, reason } = payload;
  if (status === "downloading" && payload.fileOffsetBytes !== 0) return;
  const level = reason === undefined ? "info" : "warn";
  log.write(level, "update", [version, status, reason].filter(Boolean).join(" "));
}

function inTurns(ports: Ports, tokens: TokenStore, tokenRefused: () => void): FeederPorts {
  return { ...ports, http: serialHttp(asDevice(ports.http, tokens, tokenRefused)) };
}

/** In safe mode already there is no smaller feeder to go to. */
function watchCriticalErrors(ports: Ports, boots: BootWatch): Ports {
  if (boots.safeMode !== undefined) {
    return { ...ports, store: keepUnwritten(ports.store, ports.log) };
  }
  const failed = boots.restartInSafeMode.bind(boots);
  const spoolFlash = watchFlash(ports.spoolFlash, failed);
  return { ...ports, spoolFlash, store: watchStore(ports.store, failed) };
}

/** Whoever holds the cable may give the feeder another network, whatever state it is in. */
function startImprov(ports: FeederPorts, settings: Settings, boots: BootWatch): void {
  const { consoleWire } = ports;
  if (consoleWire !== undefined) new Improv(ports, consoleWire, settings, boots);
}

function watchBoot(ports: Ports, boots: BootWatch, updater: Updater): void {
  const { time } = ports;
  time.after(BOOT_WELL_MS, () => boots.bootSucceeded());
  watchPress(ports, () => openPortal(ports, boots));
  if (boots.safeMode === undefined) return;
  const tryEverything = (): void => {
    time.after(SAFE_MODE_RETRY_MS, tryEverything);
    updater.command({ action: "restart" });
  };
  time.after(SAFE_MODE_RETRY_MS, tryEverything);
}

/** A restart of an image on trial would take it back; its trial is over in some minutes. */
function openPortal({ appSlots, store, log }: Ports, boots: BootWatch): void {
  if (appSlots.runningState() === "pending") {
    return log.write(
      "warn",
      "portal",
      "not while an update is on trial; press again in five minutes",
    );
  }
  askForPortal(store);
  boots.restart();
}

/** Names this boot for ever: counted on flash, and random so that an erased flash does not repeat old names. */
function countBoot(ports: Pick<Ports, "store" | "entropy">): { id: string; count: number } {
  const count = (Number(ports.store.read("bootCount")) || 0) + 1;
  ports.store.write("bootCount", String(count));
  const random = Math.floor(ports.entropy.uniform() * 0x1_0000_0000);
  return { id: `${count}-${random.toString(16).padStart(8, "0")}`, count };
}

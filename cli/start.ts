import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isLoopback } from "../server-min/machine/loopback-guard.ts";
import type { SettingsFile } from "../server-min/machine/settings-file.ts";
import type { TlsFiles } from "../server-min/machine/tls-identity.ts";
import { type RunningServer, startServer } from "../server-min/node.ts";
import { readCertificates } from "./cert/certificate-file.ts";
import { EXIT, type Failure, reportFailure } from "./failure.ts";
import { bakedCa } from "./firmware/baked-cas.ts";
import { done, failed, type Outcome } from "./outcome.ts";
import { buildPage, isPageStale, PAGE_FOLDER } from "./page-build.ts";
import { openPhotoFolder, type PhotoFolder } from "./photo-folder.ts";
import { SimulatedFeeders } from "./simulated-feeders.ts";
import { explainStart } from "./start-failure.ts";
import { openStartLog } from "./start-log.ts";
import { withSettingsFile } from "./start-settings.ts";
import { readWhole } from "./whole-file.ts";

export interface StartOptions {
  readonly config?: string;
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly devices: number;
  readonly visitEvery?: number;
  readonly photos?: string;
  readonly publicUrl?: string;
  readonly alsoListen: readonly number[];
  readonly insecure?: boolean;
  readonly signingKey?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly checkUpdatesEvery?: number;
  readonly browser: boolean;
  readonly json?: boolean;
  /** What `config` holds. */
  readonly settings?: SettingsFile;
}

type Talk = (line: string) => void;

/** Runs until Ctrl-C. Standard output has the address, or one JSON value; everything else is talk. */
export async function runStart(
  given: StartOptions,
  isGiven: (option: keyof StartOptions) => boolean,
): Promise<void> {
  const merged = withSettingsFile(given, isGiven);
  if (merged.kind === "failed") return reportFailure(merged.failure, given.json === true);
  const options = merged.value;
  const log = openStartLog(options.settings?.log);
  const talk = log.notice;
  const unreachable = refuseIpv6(options);
  if (unreachable !== undefined) return reportFailure(unreachable, options.json === true);
  const photos = options.photos === undefined ? undefined : openPhotoFolder(options.photos);
  if (photos?.kind === "failed") return reportFailure(photos.failure, options.json === true);
  const signingKey = await readSigningKeyPem(options.signingKey);
  if (signingKey.kind === "failed") return reportFailure(signingKey.failure, options.json === true);
  const password = await readPassword(options.settings?.adminPasswordFile);
  if (password.kind === "failed") return reportFailure(password.failure, options.json === true);
  const tls = tlsFiles(options);
  if (tls.kind === "failed") return reportFailure(tls.failure, options.json === true);
  for (const name of photos?.leftOut ?? []) talk(`left out ${name}: no JPEG, or above 256 KiB`);
  if (isPageStale()) {
    talk("building the page ...");
    buildPage();
  }

  const cas = await servedCa(options.tlsCert);
  if (cas.kind === "failed") return reportFailure(cas.failure, options.json === true);
  const feeders = simulate(options, photos, { caCertificates: cas.value, talk });
  const server = await startServer({
    ...withoutFlags(options.settings),
    mqtt: options.settings?.mqtt ?? usualBroker(options.host),
    host: options.host,
    port: options.port,
    dataDir: resolve(options.data),
    alsoListen: options.alsoListen,
    dashboardDir: PAGE_FOLDER,
    simulation: feeders,
    adminPassword: password.value,
    mayMakePassword: process.stderr.isTTY,
    notice: talk,
    log,
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
    ...(options.insecure === undefined ? {} : { insecure: options.insecure }),
    ...(signingKey.value === undefined ? {} : { signingKey: signingKey.value }),
    ...updateInterval(options),
    tls: tls.value,
  });
  if (server.kind === "failed") {
    return reportFailure(explainStart(server, options), options.json === true);
  }
  announce(server, options, talk);
  const stopped = stopOnSignal(feeders);
  const running = feeders.run(server).catch((error: unknown) => unlessStopped(error, stopped));
  await Promise.race([running, stopped]);
  await server.close();
}

/** What has no flag of its own. */
function withoutFlags(settings: SettingsFile = {}) {
  const { allowedOrigins, trustedProxies, secretsFile, database, objects } = settings;
  const { retention, disk } = settings;
  return { allowedOrigins, trustedProxies, secretsFile, database, objects, retention, disk };
}

/** MQTT's own port, for tools on this machine; more than one server here would fight for it. */
function usualBroker(host: string) {
  return isLoopback(host) ? { listen: "127.0.0.1:1883", isUsual: true } : undefined;
}

/** The firmware's network is IPv4, and so its simulated twin's. */
function refuseIpv6({ host, publicUrl, devices }: StartOptions): Failure | undefined {
  if (devices === 0 || (!host.includes(":") && publicUrl?.includes("//[") !== true))
    return undefined;
  return {
    code: "ipv6_feeders",
    message: "simulated feeders reach a server by name or IPv4 only",
    hint: "npm start -- --host 127.0.0.1, or --devices 0",
    exitCode: EXIT.usage,
  };
}

const KEY_BYTES_MAX = 64 * 1024;

/** A container is given its secrets as text in the environment, a machine as a file. */
async function readSigningKeyPem(path: string | undefined): Promise<Outcome<string | undefined>> {
  if (path === undefined) return done(process.env.SKYFEEDER_SIGNING_KEY);
  const read = await readWhole(path, KEY_BYTES_MAX);
  return read.kind === "failed" ? read : done(Buffer.from(read.value).toString());
}

/** Without the end of its line, which every editor adds. */
async function readPassword(path: string | undefined): Promise<Outcome<string | undefined>> {
  if (path === undefined) return done(process.env.SKYFEEDER_ADMIN_PASSWORD);
  const read = await readWhole(path, KEY_BYTES_MAX);
  return read.kind === "failed" ? read : done(Buffer.from(read.value).toString().trimEnd());
}

function tlsFiles({ tlsCert, tlsKey }: StartOptions): Outcome<TlsFiles | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return done(undefined);
  if (tlsCert !== undefined && tlsKey !== undefined) {
    return done({ certFile: tlsCert, keyFile: tlsKey });
  }
  const hint = "npm start -- --tls-cert FILE --tls-key FILE";
  return failed("usage", "a certificate and its key go together", hint, EXIT.usage);
}

/** The simulated feeders trust whoever the chain ends with: it is this machine's own server. */
async function servedCa(certFile: string | undefined): Promise<Outcome<string>> {
  if (certFile === undefined) return done("");
  const read = await readCertificates(certFile);
  if (read.kind === "failed") return read;
  const last = read.value.at(-1) ?? read.value[0];
  return done(bakedCa(last, Date.now()));
}

function updateInterval({ checkUpdatesEvery: everyMs }: StartOptions) {
  return everyMs === undefined ? {} : { updateCheckSeconds: everyMs / 1_000 };
}

function simulate(
  options: StartOptions,
  photos: PhotoFolder | undefined,
  { caCertificates, talk }: { readonly caCertificates: string; readonly talk: Talk },
): SimulatedFeeders {
  return new SimulatedFeeders({
    deviceIds: Array.from({ length: options.devices }, (_, index) => `dev${index + 1}`),
    visitEveryMs: options.visitEvery,
    nextPhoto: photos && (() => photos.next()),
    caCertificates,
    log: talk,
  });
}

function announce(server: RunningServer, options: StartOptions, talk: Talk): void {
  const { url } = server;
  const started = { url, devices: options.devices, dataDir: resolve(options.data) };
  process.stdout.write(options.json === true ? `${JSON.stringify(started)}\n` : `${url}\n`);
  talk(`Gallery at ${url} (Ctrl-C ends it); photos are kept in ${started.dataDir}`);
  if (options.browser && process.stdout.isTTY) void openPage(url);
}

async function openPage(url: string): Promise<void> {
  const { default: open } = await import("open");
  // A machine without a browser has the address on its terminal.
  await open(url).catch(() => undefined);
}

/** A Ctrl-C ends esbuild too, which bundles the feeders' firmware at first: its end may be heard of before the signal. */
const SIGNAL_LATE_MS = 100;

async function unlessStopped(error: unknown, stopped: Promise<void>): Promise<void> {
  const late = sleep(SIGNAL_LATE_MS).then(() => Promise.reject(error));
  await Promise.race([stopped, late]);
}

/** npm passes a Ctrl-C on that the terminal has delivered too: only a later signal means "now". */
const IMPATIENT_AFTER_MS = 500;
/** A shell's exit code of what a signal ended is this and its number. */
const KILLED_BY = 128;

function stopOnSignal(feeders: SimulatedFeeders): Promise<void> {
  return new Promise((stopped) => {
    let askedAtMs: number | undefined;
    const stop = (_: NodeJS.Signals, signalNumber: number): void => {
      const nowMs = performance.now();
      const isImpatient = askedAtMs !== undefined && nowMs - askedAtMs > IMPATIENT_AFTER_MS;
      if (isImpatient) process.exit(KILLED_BY + signalNumber);
      askedAtMs ??= nowMs;
      feeders.stop();
      stopped();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}

import { existsSync } from "node:fs";
import type { SettingsFile } from "../server-min/machine/settings-file.ts";
import { readSettingsFile } from "../server-min/machine/settings-file.ts";
import { EXIT } from "./failure.ts";
import type { Outcome } from "./outcome.ts";
import { done, failed } from "./outcome.ts";
import type { StartOptions } from "./start.ts";

/** Taken from the folder of the start when nobody names another one. */
const USUAL_FILE = "skyfeeder.toml";

/** What the settings file says where the command line says nothing. */
export function withSettingsFile(
  options: StartOptions,
  isGiven: (option: keyof StartOptions) => boolean,
): Outcome<StartOptions> {
  const read = readSettings(options.config);
  if (read.kind === "failed") return read;
  const settings = read.value;
  if (settings === undefined) return done(options);
  const said = Object.entries(asOptions(settings)).filter(
    ([option, value]) => value !== undefined && !isGiven(option as keyof StartOptions),
  );
  return done({ ...options, ...Object.fromEntries(said), settings });
}

/** Of the file that was named, else of the usual one; undefined without any. */
export function readSettings(config: string | undefined): Outcome<SettingsFile | undefined> {
  const path = config ?? process.env.SKYFEEDER_CONFIG ?? usualFile();
  if (path === undefined) return done(undefined);
  if (!existsSync(path)) {
    const hint = "name another one: --config FILE, $SKYFEEDER_CONFIG or ./skyfeeder.toml";
    return failed("settings_missing", `there is no settings file ${path}`, hint, EXIT.notFound);
  }
  const read = readSettingsFile(path);
  if (read.kind === "read") return done(read.settings);
  const message = [`${path} is not usable:`, ...read.mistakes].join("\n  ");
  return failed("bad_settings", message, "see docs/config.md", EXIT.usage);
}

function usualFile(): string | undefined {
  return existsSync(USUAL_FILE) ? USUAL_FILE : undefined;
}

function asOptions(settings: SettingsFile): { [option in keyof StartOptions]?: unknown } {
  const { host, port, publicUrl, alsoListen, insecure, checkUpdatesSeconds } = settings;
  return {
    host,
    port,
    publicUrl,
    alsoListen,
    insecure,
    data: settings.dataDir,
    signingKey: settings.signingKeyFile,
    tlsCert: settings.tls?.certFile,
    tlsKey: settings.tls?.keyFile,
    checkUpdatesEvery: checkUpdatesSeconds === undefined ? undefined : checkUpdatesSeconds * 1_000,
  };
}

import { parse, TomlError } from "smol-toml";
import { checkSettings } from "../../protocol/check-settings.ts";
import { type DeviceSettings, isSettingName } from "../../protocol/device-config.ts";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome } from "../outcome.ts";
import { readWhole } from "../whole-file.ts";
import { unknownSetting } from "./setting-text.ts";

const BYTES_MAX = 64 * 1024;

/** A file of settings, checked whole; every mistake is told. */
export async function readSettingsFile(path: string): Promise<Outcome<DeviceSettings>> {
  const read = await readWhole(path, BYTES_MAX);
  if (read.kind === "failed") return read;
  const text = Buffer.from(read.value).toString();
  const table = /^\s*\{/.test(text) ? parseText(text, JSON.parse) : parseText(text, parse);
  if (table.kind === "failed") return failedFile(path, [table.why]);
  const checked = checkSettings(table.value);
  if (checked.kind === "good") return done(checked.settings);
  const mistakes = checked.mistakes.map(({ setting, message }) =>
    isSettingName(setting) ? `${setting} ${message}` : unknownSetting(setting),
  );
  return failedFile(path, mistakes);
}

type Parsed =
  | { readonly kind: "parsed"; readonly value: unknown }
  | { readonly kind: "failed"; readonly why: string };

function parseText(text: string, parser: (text: string) => unknown): Parsed {
  try {
    return { kind: "parsed", value: parser(text) };
  } catch (error) {
    if (!(error instanceof TomlError || error instanceof SyntaxError)) throw error;
    return { kind: "failed", why: error.message.split("\n", 1)[0] ?? "" };
  }
}

function failedFile(path: string, mistakes: readonly string[]): Outcome<DeviceSettings> {
  const message = [`${path} is not usable:`, ...mistakes].join("\n  ");
  return failed("invalid_settings", message, 'see docs/config.md, "Feeders"', EXIT.usage);
}

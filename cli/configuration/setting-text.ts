import { checkSetting } from "../../protocol/check-settings.ts";
import { DEVICE_SETTINGS, isSettingName, type Setting } from "../../protocol/device-config.ts";
import { parseDuration } from "../duration.ts";

/** `undefined` as a value takes the setting back to its default. */
export type GivenSetting =
  | { readonly kind: "given"; readonly name: string; readonly value: unknown }
  | { readonly kind: "wrong"; readonly mistake: string };

/** "heartbeatSeconds=2m", "uploadRetrySeconds=60,5m,900", "clipSeconds=". */
export function parseGiven(text: string): GivenSetting {
  const at = text.indexOf("=");
  if (at < 0) return wrong(`"${text}" is not NAME=VALUE`);
  const name = text.slice(0, at).trim();
  const words = text.slice(at + 1).trim();
  if (!isSettingName(name)) return wrong(unknownSetting(name));
  const value = words === "" ? null : parseValue(DEVICE_SETTINGS[name], words);
  const mistake = value === null ? undefined : checkSetting(name, value);
  return mistake === undefined ? { kind: "given", name, value } : wrong(`${name} ${mistake}`);
}

function wrong(mistake: string): GivenSetting {
  return { kind: "wrong", mistake };
}

function parseValue(setting: Setting, text: string): unknown {
  switch (setting.type) {
    case "integer":
      return parseNumber(setting, text);
    case "integers":
      return text.split(",").map((one) => parseNumber(setting, one.trim()));
    default:
      return text;
  }
}

const MS_A_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1_000 };

/** A number alone is in the setting's own unit. */
function parseNumber({ unit }: Setting, text: string): unknown {
  const [, digits] = /^(-?\d{1,15})$/.exec(text) ?? [];
  if (digits !== undefined) return Number(digits);
  const unitMs = MS_A_UNIT[unit ?? ""];
  const durationMs = unitMs === undefined ? undefined : parseDuration(text);
  if (unitMs !== undefined && durationMs !== undefined) return durationMs / unitMs;
  const [, ownDigits] = new RegExp(`^(\\d{1,15}) ?${unit ?? ""}$`, "i").exec(text) ?? [];
  return ownDigits === undefined ? text : Number(ownDigits);
}

/** Says what may have been meant. */
export function unknownSetting(name: string): string {
  const names = Object.keys(DEVICE_SETTINGS);
  const near = names
    .map((known) => ({ known, distance: editDistance(name.toLowerCase(), known.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance)[0];
  const isNear = near !== undefined && near.distance <= near.known.length / 3;
  return `there is no setting "${name}"${isNear ? `; do you mean ${near.known}?` : ""}`;
}

/** Letters to insert, take away or change: Levenshtein's. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= other.length; at++) {
      const changed = (row[at - 1] ?? 0) + (letter === other[at - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

/** As `set` takes it. */
export function valueText(value: unknown): string {
  if (value === undefined) return "not set";
  return Array.isArray(value) ? value.join(",") : String(value);
}

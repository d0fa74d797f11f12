import {
  DEVICE_SETTINGS,
  type DeviceSettings,
  type IntegerBounds,
  isSettingName,
  type Setting,
} from "./device-config.ts";
import { isRecord } from "./json.ts";
import { isUpdateWindow } from "./update-window.ts";

export interface SettingMistake {
  /** As it was written. */
  readonly setting: string;
  readonly message: string;
}

export type CheckedSettings =
  | { readonly kind: "good"; readonly settings: DeviceSettings }
  | { readonly kind: "wrong"; readonly mistakes: readonly SettingMistake[] };

const MISTAKES_MAX = 32;

/** A whole set of settings, from anybody: every mistake is told, up to a bound. */
export function checkSettings(value: unknown): CheckedSettings {
  if (!isRecord(value)) return wrong([{ setting: "settings", message: "no object of settings" }]);
  const mistakes: SettingMistake[] = [];
  const settings: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const message = checkSetting(name, value[name]);
    if (message === undefined) settings[name] = value[name];
    else if (mistakes.length < MISTAKES_MAX) mistakes.push({ setting: name, message });
  }
  return mistakes.length > 0 ? wrong(mistakes) : { kind: "good", settings };
}

function wrong(mistakes: readonly SettingMistake[]): CheckedSettings {
  return { kind: "wrong", mistakes };
}

/** What is wrong with it. */
export function checkSetting(name: string, value: unknown): string | undefined {
  if (!isSettingName(name)) return "no such setting";
  const setting = DEVICE_SETTINGS[name];
  return isValue(setting, value) ? undefined : `must be ${rangeText(setting)}`;
}

function isValue(setting: Setting, value: unknown): boolean {
  switch (setting.type) {
    case "integer":
      return isWithin(setting, value);
    case "integers":
      return (
        Array.isArray(value) &&
        value.length <= setting.itemsMax &&
        value.every((item) => isWithin(setting, item))
      );
    case "choice":
      return typeof value === "string" && setting.choices.includes(value);
    case "window":
      return typeof value === "string" && (value === "any" || isUpdateWindow(value));
  }
}

function isWithin({ min, max, step }: IntegerBounds, value: unknown): boolean {
  return (
    Number.isInteger(value) &&
    (value as number) >= min &&
    (value as number) <= max &&
    (value as number) % step === 0
  );
}

/** In words, for a mistake and for the docs. */
export function rangeText(setting: Setting): string {
  switch (setting.type) {
    case "integer":
      return `a whole number ${boundsText(setting, setting.unit)}`;
    case "integers":
      return `at most ${setting.itemsMax} whole numbers ${boundsText(setting, setting.unit)}`;
    case "choice":
      return `one of ${setting.choices.join(", ")}`;
    case "window":
      return 'like "22:00-04:30", or "any"';
  }
}

function boundsText({ min, max, step }: IntegerBounds, unit = ""): string {
  const steps = step === 1 ? "" : `, in steps of ${step}`;
  return `from ${min} to ${max} ${unit}`.trimEnd() + steps;
}

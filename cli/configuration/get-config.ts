import { DEVICE_SETTINGS, type SettingName, withDefaults } from "../../protocol/device-config.ts";
import { columns } from "../operator/columns.ts";
import { done, printOutcome } from "../outcome.ts";
import { findTarget, type ServerOptions } from "../server/target.ts";
import { askConfig, type DeviceConfigAnswer, standing } from "./device-config.ts";
import { valueText } from "./setting-text.ts";

export async function getConfig(device: string, options: ServerOptions): Promise<void> {
  const target = await findTarget(options);
  const answer = target.kind === "failed" ? target : await askConfig(target.value, device);
  const outcome = answer.kind === "failed" ? answer : done(answer.value);
  if (options.json === true && outcome.kind === "done") {
    return printOutcome(done(outcome.value.body), true, String);
  }
  printOutcome(outcome, options.json, configText);
}

/** All settings with what holds of each, those that were set first. */
function configText(config: DeviceConfigAnswer): string {
  const { deviceId, version, settings } = config;
  const defaults = withDefaults({});
  const names = Object.keys(DEVICE_SETTINGS) as SettingName[];
  const rows = names.map((name) => {
    const isSet = name in settings;
    const usual = defaults[name] === undefined ? withoutOne(name) : valueText(defaults[name]);
    return [name, isSet ? valueText(settings[name]) : usual, isSet ? `set; else ${usual}` : ""];
  });
  const order = [...rows].sort((one, other) => (other[2] ?? "").length - (one[2] ?? "").length);
  return `${columns(order, "")}\n\n${deviceId}: version ${version} is wanted; ${standing(config)}`;
}

function withoutOne(name: SettingName): string {
  const setting = DEVICE_SETTINGS[name];
  return "without" in setting ? setting.without : "";
}

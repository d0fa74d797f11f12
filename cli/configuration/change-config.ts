import { EXIT } from "../failure.ts";
import { type Failed, failed, type Outcome, printOutcome } from "../outcome.ts";
import type { Fields, Target } from "../server/call.ts";
import { findTarget } from "../server/target.ts";
import type { WaitOptions } from "./commands.ts";
import { askConfig, type DeviceConfigAnswer, standing } from "./device-config.ts";
import { parseGiven } from "./setting-text.ts";
import { readSettingsFile } from "./settings-file.ts";
import { waitForEnd } from "./wait-for-end.ts";

type Change = { readonly method: "PUT" | "PATCH"; readonly body: Fields };

export async function setConfig(
  device: string,
  given: readonly string[],
  options: WaitOptions,
): Promise<void> {
  const parsed = given.map(parseGiven);
  const mistakes = parsed.flatMap((one) => (one.kind === "wrong" ? [one.mistake] : []));
  const pairs = parsed.flatMap((one) => (one.kind === "given" ? [[one.name, one.value]] : []));
  const body = Object.fromEntries(pairs) as Fields;
  const outcome =
    mistakes.length > 0
      ? badSettings(mistakes)
      : await change(device, { method: "PATCH", body }, options);
  print(outcome, options);
}

function badSettings(mistakes: readonly string[]): Failed {
  const hint = "npm run -s skyfeeder -- config get DEVICE, or docs/config.md";
  return failed("invalid_settings", mistakes.join("\n  "), hint, EXIT.usage);
}

export async function pushConfig(
  device: string,
  file: string,
  options: WaitOptions,
): Promise<void> {
  const read = await readSettingsFile(file);
  const outcome =
    read.kind === "failed"
      ? read
      : await change(device, { method: "PUT", body: { ...read.value } }, options);
  print(outcome, options);
}

/** Based on what is there now: somebody else's change meanwhile is not lost. */
async function change(
  device: string,
  { method, body }: Change,
  options: WaitOptions,
): Promise<Outcome<DeviceConfigAnswer>> {
  const target = await findTarget(options);
  if (target.kind === "failed") return target;
  const before = await askConfig(target.value, device);
  if (before.kind === "failed") return before;
  const headers = { "If-Match": `"${before.value.version}"` };
  const changed = await askConfig(target.value, device, { method, body, headers });
  if (changed.kind === "failed" || options.wait !== true) return changed;
  return follow(target.value, device, changed.value);
}

function follow(
  target: Target,
  device: string,
  { version }: DeviceConfigAnswer,
): Promise<Outcome<DeviceConfigAnswer>> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  return waitForEnd(() => askConfig(target, device), version, say);
}

function print(outcome: Outcome<DeviceConfigAnswer>, { json }: WaitOptions): void {
  const printed = outcome.kind === "done" ? { ...outcome, value: outcome.value.body } : outcome;
  const text = outcome.kind === "done" ? changeText(outcome.value) : "";
  printOutcome(printed, json, () => text);
}

function changeText(config: DeviceConfigAnswer): string {
  return `${config.deviceId}: version ${config.version} is wanted; ${standing(config)}`;
}

import { columns } from "../operator/columns.ts";
import { done, type Outcome, printOutcome } from "../outcome.ts";
import type { Fields } from "../server/call.ts";
import { findTarget, type ServerOptions } from "../server/target.ts";
import { askConfig, type DeviceConfigAnswer, standing } from "./device-config.ts";
import { valueText } from "./setting-text.ts";
import { readSettingsFile } from "./settings-file.ts";

interface Difference {
  readonly setting: string;
  /** Undefined where it is not set there. */
  readonly from: unknown;
  readonly to: unknown;
}

interface Diff {
  readonly deviceId: string;
  readonly differences: readonly Difference[];
  readonly note: string;
}

export async function diffConfig(
  device: string,
  file: string | undefined,
  options: ServerOptions,
): Promise<void> {
  const outcome = await makeDiff(device, file, options);
  printOutcome(outcome, options.json, diffText);
}

async function makeDiff(
  device: string,
  file: string | undefined,
  options: ServerOptions,
): Promise<Outcome<Diff>> {
  const target = await findTarget(options);
  if (target.kind === "failed") return target;
  const read = file === undefined ? undefined : await readSettingsFile(file);
  if (read?.kind === "failed") return read;
  const answer = await askConfig(target.value, device);
  if (answer.kind === "failed") return answer;
  return done(diffOf(answer.value, read?.value));
}

/** From what is in effect to what is wanted; with a file, from what is wanted to the file. */
function diffOf(config: DeviceConfigAnswer, file: Fields | undefined): Diff {
  const { deviceId, settings, applied } = config;
  if (file !== undefined) {
    return { deviceId, differences: differencesOf(settings, file), note: "from what is wanted" };
  }
  const differences = applied === undefined ? [] : differencesOf(applied, settings);
  return { deviceId, differences, note: standing(config) };
}

function differencesOf(from: Fields, to: Fields): Difference[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  return names
    .map((setting) => ({ setting, from: from[setting], to: to[setting] }))
    .filter((difference) => valueText(difference.from) !== valueText(difference.to));
}

function diffText({ deviceId, differences, note }: Diff): string {
  const rows = differences.map(({ setting, from, to }) => [
    ...[setting, valueText(from), "->", valueText(to)],
  ]);
  return `${columns(rows, "no difference")}\n${deviceId}: ${note}`;
}

import { readFileSync } from "node:fs";
import { join } from "node:path";

const NATIVE = join("device", "esp32", "native");

/** mcconfig merges our sdkconfig into the SDK's by text and copies the partition table; `folder` has the results. */
export function mergeFaults(root: string, folder: string): string[] {
  const ours = readFileSync(join(root, NATIVE, "sdkconfig.defaults"), "utf8");
  const merged = readFileSync(join(folder, "sdkconfig.mc"), "utf8").split("\n");
  const lost = ours
    .split("\n")
    .filter((line) => line.startsWith("CONFIG_") && !takesEffect(line, merged));
  const table = readFileSync(join(root, NATIVE, "partitions.csv"), "utf8");
  const copied = readFileSync(join(folder, "partitions.csv"), "utf8") === table;
  return [
    ...lost.map((line) => `sdkconfig.defaults: ${line} is not in the merged sdkconfig`),
    ...(copied ? [] : ["partitions.csv: the build uses another partition table"]),
  ];
}

/** The last line of an option counts; mcconfig writes an "n" over an existing "y" as an empty value. */
function takesEffect(line: string, merged: readonly string[]): boolean {
  const name = line.slice(0, line.indexOf("=") + 1);
  const last = merged.findLast((other) => other.startsWith(name));
  return last === line || (line === `${name}n` && last === name);
}

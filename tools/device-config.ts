/**
 * Writes what is made of the table of a feeder's settings in protocol/device-config.ts:
 *
 *   node tools/device-config.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { generatedFiles } from "./device-config/generated-files.ts";

for (const { path, text } of generatedFiles()) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

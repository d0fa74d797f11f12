import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { ROOT } from "../tidy/source-tree.ts";

test("a debugger finds the firmware's TypeScript, and the image is the same without one", () => {
  const script = join(import.meta.dirname, "debugged-run.ts");
  const printed = execFileSync(process.execPath, [script], { encoding: "utf8", stdio: "pipe" });
  const { entry, broken } = JSON.parse(printed);
  expect(broken).toBeUndefined();
  expect(entry.originalSource).toBe(pathToFileURL(join(ROOT, "device/esp32/feeder.ts")).href);
}, 60_000);

/** Formatter, linter, both type checks and the rules of the tree; every part runs, so that one run shows all. */
import { spawnSync } from "node:child_process";

const PARTS = [
  { name: "format and lint", command: ["biome", "check", "."] },
  { name: "types", command: ["tsc"] },
  { name: "types of the device floor", command: ["tsc", "-p", "tsconfig.device.json"] },
  { name: "tidy", command: ["vitest", "run", "test/tidy.test.ts"] },
];

const failed = PARTS.filter(({ name, command: [program = "", ...args] }) => {
  process.stdout.write(`== ${name}\n`);
  const { status } = spawnSync(program, args, {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  return status !== 0;
});

for (const { name } of failed) process.stderr.write(`failed: ${name}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

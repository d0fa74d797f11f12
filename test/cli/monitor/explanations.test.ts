import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readElf } from "../../../cli/monitor/elf-file.ts";
import { Explanations } from "../../../cli/monitor/explanations.ts";

const folders: string[] = [];
const { PATH, IDF_TOOLS_PATH } = process.env;
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  Object.assign(process.env, { PATH });
  if (IDF_TOOLS_PATH === undefined) delete process.env.IDF_TOOLS_PATH;
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "elf-"));
  folders.push(folder);
  process.env.IDF_TOOLS_PATH = folder;
  return folder;
}

/** The header of an ELF file for this machine (94: Xtensa), and nothing behind it. */
async function elfOf(folder: string, machine: number) {
  const header = Buffer.alloc(52);
  header.write("\x7fELF\x01\x01\x01", "latin1");
  header.writeUInt16LE(machine, 18);
  const path = join(folder, "xs_esp32.elf");
  writeFileSync(path, header);
  const outcome = await readElf(path);
  if (outcome.kind === "failed") throw new Error(outcome.failure.code);
  return outcome.value;
}

/** What an addr2line prints, with the arguments that it was given. */
function installTool(
  folder: string,
  name: string,
  ending = 'echo "$4: app_main at main.c:12"',
): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${ending}\n`);
  chmodSync(path, 0o755);
}

async function explain(elf: Awaited<ReturnType<typeof elfOf>>, ...texts: string[]) {
  const said: string[] = [];
  const explanations = new Explanations(elf, (text) => said.push(text));
  for (const text of texts)
    explanations.explain({ kind: "panic", text, addresses: ["0x400d2f18"] });
  await explanations.end();
  return said;
}

test("a backtrace is decoded by the tool of the ELF's machine, in the PATH", async () => {
  const folder = newFolder();
  const elf = await elfOf(folder, 94);
  installTool(folder, "xtensa-esp32-elf-addr2line");
  process.env.PATH = `${folder}${delimiter}${PATH}`;
  expect(await explain(elf, "Backtrace: ...")).toEqual(["0x400d2f18: app_main at main.c:12"]);
});

test("or where ESP-IDF's installer puts it", async () => {
  const folder = newFolder();
  const bin = join(folder, "tools/riscv32-esp-elf/esp-14.2.0/riscv32-esp-elf/bin");
  installTool(bin, "riscv32-esp-elf-addr2line");
  const elf = await elfOf(folder, 243);
  expect(await explain(elf, "MEPC")).toEqual(["0x400d2f18: app_main at main.c:12"]);
});

test("without the tool, with one that fails, or with another build's ELF, that is said", async () => {
  const folder = newFolder();
  const elf = await elfOf(folder, 94);
  expect(await explain(elf, "Backtrace: ...")).toEqual([
    expect.stringMatching(/^no xtensa-esp-elf-addr2line here .*: npm install -g xs-dev/),
  ]);
  installTool(folder, "xtensa-esp-elf-addr2line", "exit 1");
  process.env.PATH = `${folder}${delimiter}${PATH}`;
  expect(await explain(elf, "Backtrace: ...")).toEqual([expect.stringContaining("Command failed")]);
  const lines = await explain(elf, `ELF file SHA256: ${elf.sha256.slice(0, 9)}`);
  expect(lines.join()).not.toContain("is not what the board runs");
  expect((await explain(elf, "ELF file SHA256: 012345678"))[0]).toContain(
    "is not what the board runs",
  );
});

test("a position in a simulated board's bundle is a line of TypeScript", async () => {
  const said: string[] = [];
  const explanations = new Explanations(undefined, (text) => said.push(text));
  explanations.explain({ kind: "exception", text: "    at x (firmware.js:5000:10)" });
  explanations.explain({ kind: "text", text: "firmware.js:5000:10 in a text is only a text" });
  await explanations.end();
  expect(said).toEqual([expect.stringMatching(/^ {2}at [\w/-]+\.ts:\d+:\d+$/)]);
  const [, path] = /at ([^:]+):/.exec(said[0] ?? "") ?? [];
  expect(execFileSync("git", ["ls-files", `${path}`], { encoding: "utf8" })).toBe(`${path}\n`);
});

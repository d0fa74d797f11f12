import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { glob } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome } from "../outcome.ts";
import { readWhole } from "../whole-file.ts";
import { safeText } from "./safe-text.ts";

/** With debug information an application is some 20 MB. */
const ELF_BYTES_MAX = 256 * 1024 * 1024;
const DECODE_MS = 20_000;
const DECODED_BYTES_MAX = 256 * 1024;

/** e_machine of the ELF header, and what reads such files; the newer names first. */
const MACHINES: ReadonlyMap<number, readonly string[]> = new Map([
  [94, ["xtensa-esp-elf-addr2line", "xtensa-esp32-elf-addr2line"]],
  [243, ["riscv32-esp-elf-addr2line"]],
]);

export interface ElfFile {
  readonly path: string;
  readonly sha256: string;
  readonly tools: readonly string[];
}

export async function readElf(path: string): Promise<Outcome<ElfFile>> {
  const read = await readWhole(path, ELF_BYTES_MAX);
  if (read.kind === "failed") return read;
  const bytes = Buffer.from(read.value);
  const isElf = bytes.length >= 20 && bytes.subarray(0, 4).toString("latin1") === "\x7fELF";
  const tools = isElf ? MACHINES.get(bytes.readUInt16LE(18)) : undefined;
  if (tools !== undefined) {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return done({ path, sha256, tools: [...tools, ...(await installedTools(tools))] });
  }
  const hint = "name xs_esp32.elf of the build that runs: mcconfig leaves it in its bin folder";
  return failed("not_an_elf", `${path} is no ELF file of an ESP32`, hint, EXIT.failed);
}

/** Where ESP-IDF's installer puts them, which is in no PATH before its export.sh has run. */
async function installedTools(names: readonly string[]): Promise<readonly string[]> {
  const { IDF_TOOLS_PATH = join(homedir(), ".espressif") } = process.env;
  const found: string[] = [];
  for (const name of names) {
    const pattern = `tools/*-elf/*/*-elf/bin/${name}`;
    for await (const path of glob(pattern, { cwd: IDF_TOOLS_PATH })) {
      found.push(join(IDF_TOOLS_PATH, path));
    }
  }
  return found;
}

/** What the addresses are in the source, a line each; or why that is not known. */
export async function decodeAddresses(
  { path, tools }: ElfFile,
  addresses: readonly string[],
): Promise<readonly string[]> {
  for (const tool of tools) {
    const ran = await run(tool, ["-pfiaC", "-e", path, ...addresses]);
    if (ran.kind === "ran") return lines(ran.output);
    if (ran.kind === "broken") return [`${tool}: ${safeText(ran.why)}`];
  }
  const install = "npm install -g xs-dev && xs-dev setup --device esp32";
  return [`no ${tools[0]} here to decode it with: ${install}`];
}

function lines(output: string): readonly string[] {
  return output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(safeText);
}

type Ran =
  | { readonly kind: "ran"; readonly output: string }
  | { readonly kind: "absent" }
  | { readonly kind: "broken"; readonly why: string };

function run(tool: string, args: readonly string[]): Promise<Ran> {
  const limits = { timeout: DECODE_MS, maxBuffer: DECODED_BYTES_MAX };
  return new Promise((resolve) => {
    execFile(tool, args, limits, (error, output) => {
      if (error === null) resolve({ kind: "ran", output });
      else if (error.code === "ENOENT") resolve({ kind: "absent" });
      else resolve({ kind: "broken", why: error.message.split("\n")[0] ?? "" });
    });
  });
}

import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { decodeAppImage, encodeAppImage } from "../../host-sim/board/app-image.ts";
import { encodePartitionTable, parsePartitionCsv } from "../../host-sim/board/partition-table.ts";
import packageJson from "../../package.json" with { type: "json" };
import { readFirmwareFile } from "../../protocol/firmware-file.ts";
import { ROOT } from "../tidy/source-tree.ts";
import { RunningCommand } from "./running-command.ts";

const folder = mkdtempSync(join(tmpdir(), "skyfeeder-release-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const VERSION = packageJson.version;

function release(
  kind: string,
  outDir: string,
  env: Record<string, string> = {},
  ...args: string[]
) {
  const command = ["cli/skyfeeder.js", "firmware", "release", kind, "--out-dir", outDir, "--json"];
  const bare = { MODDABLE: "", IDF_PATH: "" };
  return new RunningCommand(process.execPath, [...command, ...args], { ...bare, ...env }).end();
}

/** An image as a chip runs it: of ESP-IDF, which the simulator's are not. */
function realImage(): Uint8Array {
  const image = Buffer.from(
    encodeAppImage({ product: "skyfeeder", version: VERSION, javascript: "sing()" }),
  );
  image.fill(0, 32 + 112, 32 + 144).write("v6.0.0", 32 + 112, "latin1");
  const [start, end] = [32, 32 + image.readUInt32LE(28)];
  image[image.length - 33] = image.subarray(start, end).reduce((sum, byte) => sum ^ byte, 0xef);
  const hash = createHash("sha256").update(image.subarray(0, -32)).digest();
  hash.copy(image, image.length - 32);
  return image;
}

/** A Moddable SDK of which there is only mcconfig, and that builds what it was given before. */
function sdkThatBuilds(app: Uint8Array): { MODDABLE: string; IDF_PATH: string; log: string } {
  const sdk = mkdtempSync(join(folder, "sdk-"));
  const tools = join(sdk, "build", "bin", "lin", "release");
  mkdirSync(tools, { recursive: true });
  const csv = readFileSync(join(ROOT, "device/esp32/native/partitions.csv"), "utf8");
  writeFileSync(join(sdk, "xs_esp32.bin"), app);
  writeFileSync(join(sdk, "bootloader.bin"), realImage());
  writeFileSync(join(sdk, "partition-table.bin"), encodePartitionTable(parsePartitionCsv(csv)));
  const log = join(sdk, "arguments");
  const script = [
    "#!/bin/sh",
    `printf '%s\\n' "$@" > ${log}`,
    "echo tsc main.ts",
    'while [ "$1" != "-o" ]; do shift; done',
    'place="$2/bin/esp32/release/$(basename "$PWD")"',
    `mkdir -p "$place" && cp ${sdk}/*.bin "$place"`,
  ];
  writeFileSync(join(tools, "mcconfig"), `${script.join("\n")}\n`);
  chmodSync(join(tools, "mcconfig"), 0o755);
  return { MODDABLE: sdk, IDF_PATH: sdk, log };
}

test("without the SDK both images are for simulated boards, say so, and have their sums beside them", async () => {
  const out = join(folder, "simulated");
  const ends = [await release("ota", out), await release("factory", out)];
  expect(ends).toMatchObject([{ code: 0 }, { code: 0 }]);
  expect(ends[0]?.stderr).toContain("simulated boards alone");
  const [ota, factory] = ends.map(({ stdout }) => JSON.parse(stdout));
  expect(ota).toMatchObject({ kind: "app", version: VERSION, simulated: true });
  expect(factory).toMatchObject({ kind: "merged", version: VERSION, simulated: true });
  expect(ota.file).toBe(join(out, `firmware-${VERSION}.bin`));
  const app = readFileSync(ota.file);
  expect(decodeAppImage(app)).toMatchObject({ product: "skyfeeder", version: VERSION });
  expect(readFileSync(`${ota.file}.sha256`, "utf8")).toBe(
    `${createHash("sha256").update(app).digest("hex")}  firmware-${VERSION}.bin\n`,
  );
  const merged = readFileSync(factory.file);
  expect(readFirmwareFile(merged)).toMatchObject({ kind: "merged", appOffset: 0x20000 });
  expect(merged.subarray(0x20000).equals(app)).toBe(true);
});

test("with the SDK they are what mcconfig built, with the keys that were named", async () => {
  const sdk = sdkThatBuilds(realImage());
  const out = join(folder, "real");
  const kid = createHash("sha256").update("none").digest("base64url");
  const wrong = await release("ota", out, sdk, "--update-keys", `${kid}:AAAA`);
  expect(JSON.parse(wrong.stdout)).toMatchObject({ error: { code: "key_not_found" } });
  const ends = [await release("ota", out, sdk), await release("factory", out, sdk)];
  expect(ends).toMatchObject([{ code: 0 }, { code: 0 }]);
  expect(readFileSync(sdk.log, "utf8").split("\n").slice(0, 6)).toEqual([
    "-m",
    "-p",
    "esp32",
    "-t",
    "build",
    "-o",
  ]);
  const [ota, factory] = ends.map(({ stdout }) => JSON.parse(stdout));
  expect(ota).toMatchObject({ kind: "app", simulated: false, idfVersion: "v6.0.0" });
  expect(factory).toMatchObject({
    kind: "merged",
    simulated: false,
    bootloader: { offset: 0x1000 },
  });
  expect(readFileSync(ota.file).equals(realImage())).toBe(true);
  // The simulator's image of that version does not take the place of one that boards run.
  const over = await release("ota", out);
  expect(over.code).toBe(1);
  expect(JSON.parse(over.stdout)).toMatchObject({ error: { code: "output_exists" } });
  expect(readFileSync(ota.file).equals(realImage())).toBe(true);
});

test.each([
  ["an SDK that is none", { MODDABLE: "/nowhere" }, [], 3, "sdk_missing"],
  ["no ESP-IDF", { IDF_PATH: "" }, [], 3, "idf_missing"],
  ["a version that is not the tree's", {}, ["--version", "9.9.9"], 2, "version_differs"],
  ["a version that is none", {}, ["--version", "nine"], 2, "usage"],
])("%s is said, and nothing is written", async (_, env, args, code, reason) => {
  const out = join(folder, "refused");
  const end = await release("ota", out, { ...sdkThatBuilds(realImage()), ...env }, ...args);
  expect(end.code).toBe(code);
  expect(JSON.parse(end.stdout)).toMatchObject({ error: { code: reason } });
  expect(existsSync(out)).toBe(false);
});

test("a build that fails is no release, and what the tools said is on standard error", async () => {
  const sdk = sdkThatBuilds(realImage());
  writeFileSync(
    join(sdk.MODDABLE, "build/bin/lin/release/mcconfig"),
    "#!/bin/sh\necho 'main.ts: no'\nexit 4\n",
  );
  const end = await release("ota", join(folder, "broken"), sdk);
  expect(end).toMatchObject({ code: 1, stderr: expect.stringContaining("main.ts: no") });
  expect(JSON.parse(end.stdout)).toMatchObject({ error: { code: "build_failed" } });
  expect(existsSync(join(folder, "broken"))).toBe(false);
});

test("a kind that is none is a wrong use", async () => {
  const end = await release("beta", folder);
  expect(end.code).toBe(2);
  expect(JSON.parse(end.stdout)).toMatchObject({ error: { code: "usage" } });
});

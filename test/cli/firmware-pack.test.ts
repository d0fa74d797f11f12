import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { buildFactory } from "../../cli/firmware/build-factory.ts";
import { encodeAppImage } from "../../host-sim/board/app-image.ts";
import {
  encodePartitionTable,
  type Partition,
  parsePartitionCsv,
} from "../../host-sim/board/partition-table.ts";
import { ROOT } from "../tidy/source-tree.ts";
import { type Ended, skyfeeder } from "./running-command.ts";

const folder = mkdtempSync(join(tmpdir(), "skyfeeder-pack-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const csv = readFileSync(join(ROOT, "device/esp32/native/partitions.csv"), "utf8");
const OURS = parsePartitionCsv(csv);
const app = encodeAppImage({ product: "skyfeeder", version: "1.4.0", javascript: "sing()" });
/** Like a bootloader's, but for its content. */
const bootloader = encodeAppImage({ product: "", version: "", javascript: "boot()" });

/** A build folder as mcconfig leaves it: flat in build/bin, or ESP-IDF's own. */
function buildFolder(
  name: string,
  parts: { app?: Uint8Array; bootloader?: Uint8Array; table?: Uint8Array } = {},
  layout: readonly [string, string] = ["bootloader.bin", "partition-table.bin"],
): string {
  const place = join(folder, name);
  const [bootloaderFile, tableFile] = layout.map((file) => join(place, file)) as [string, string];
  for (const file of [bootloaderFile, tableFile]) mkdirSync(dirname(file), { recursive: true });
  writeFileSync(join(place, "xs_esp32.bin"), parts.app ?? app);
  writeFileSync(bootloaderFile, parts.bootloader ?? bootloader);
  writeFileSync(tableFile, parts.table ?? encodePartitionTable(OURS));
  return place;
}

function changed(bytes: Uint8Array, at: number, ...values: number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at < 0 ? copy.length + at : at);
  return copy;
}

/** With the checksum and hash that belong to what was changed. */
function sealed(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  const hashAt = copy.length - 32;
  const segmentEnd = 32 + copy.readUInt32LE(28);
  copy[hashAt - 1] = copy.subarray(32, segmentEnd).reduce((sum, byte) => sum ^ byte, 0xef);
  return rehashed(copy);
}

function rehashed(bytes: Uint8Array): Uint8Array {
  const hashed = bytes.subarray(0, -32);
  return Buffer.concat([hashed, createHash("sha256").update(hashed).digest()]);
}

/** The table as gen_esp32part.py ends it: an MD5 over its rows. */
function withMd5(table: Uint8Array, rows: number): Uint8Array {
  const digest = createHash("md5")
    .update(table.subarray(0, rows * 32))
    .digest();
  return changed(table, rows * 32, 0xeb, 0xeb, ...Array(14).fill(0xff), ...digest);
}

function table(change: (partition: Partition) => Partition): Uint8Array {
  return encodePartitionTable(OURS.map(change));
}

function pack(command: string, place: string): Promise<Ended> {
  return skyfeeder("firmware", command, place, "--out", join(folder, `${command}.bin`), "--json");
}

test("build-ota takes the application as it is", async () => {
  const end = await pack("build-ota", buildFolder("ota"));
  expect(end).toMatchObject({ code: 0, stderr: "" });
  const built = JSON.parse(end.stdout) as { file: string };
  expect(built).toMatchObject({ kind: "app", version: "1.4.0", size: app.length });
  expect(readFileSync(built.file).equals(app)).toBe(true);
});

test("build-ota says what keeps feeders from taking the image", async () => {
  const foreign = encodeAppImage({ product: "xs_esp32", version: "8.2.3-4-gabc", javascript: "" });
  const end = await pack("build-ota", buildFolder("foreign", { app: foreign }));
  expect(end.code).toBe(0);
  expect(end.stderr).toContain("note: its project is xs_esp32");
  const old = encodeAppImage({ product: "skyfeeder", version: "1", javascript: "" });
  expect((await pack("build-ota", buildFolder("old", { app: old }))).stderr).toContain(
    'note: its version "1" is not SemVer',
  );
});

test.each([
  ["flat", ["bootloader.bin", "partition-table.bin"]],
  ["of ESP-IDF", ["bootloader/bootloader.bin", "partition_table/partition-table.bin"]],
] as const)(
  "build-factory puts the parts of a build %s where the chip looks for them",
  async (name, layout) => {
    const tableBytes = withMd5(encodePartitionTable(OURS), OURS.length);
    const end = await pack("build-factory", buildFolder(name, { table: tableBytes }, layout));
    expect(end).toMatchObject({ code: 0, stderr: "" });
    const built = JSON.parse(end.stdout) as { file: string };
    expect(built).toMatchObject({
      kind: "merged",
      version: "1.4.0",
      appOffset: 0x20000,
      bootloader: { offset: 0x1000, checksumOk: true },
      partitions: OURS.map(({ label, offsetBytes }) => ({ label, offset: offsetBytes })),
    });
    const expected = Buffer.alloc(0x20000 + app.length, 0xff);
    expected.set(bootloader, 0x1000);
    expected.set(tableBytes, 0x8000);
    expected.set(app, 0x20000);
    expect(readFileSync(built.file).equals(expected)).toBe(true);
  },
);

test("build-factory starts the factory's partition where there is one, and warns when nothing can be updated", async () => {
  const factory = {
    label: "factory",
    type: 0,
    subtype: 0,
    offsetBytes: 0x10000,
    sizeBytes: 0x3f0000,
  };
  const end = await pack(
    "build-factory",
    buildFolder("single", { table: encodePartitionTable([factory]) }),
  );
  expect(JSON.parse(end.stdout)).toMatchObject({ appOffset: 0x10000 });
  expect(end.stderr).toContain("no two slots");
});

const s2Bootloader = sealed(changed(changed(bootloader, 12, 2), 24, 0x20, 0, 0, 0x3f));
const large = encodeAppImage({
  product: "skyfeeder",
  version: "1.0.0",
  javascript: "",
  padToBytes: 0x20000,
});

test.each([
  ["a flipped bit in the application", { app: changed(app, 200, 0xff) }, "image_corrupt"],
  [
    "a wrong checksum under a good hash",
    { app: rehashed(changed(app, 200, 0xff)) },
    "image_corrupt",
  ],
  ["a wrong hash", { app: changed(app, -1, 0) }, "image_corrupt"],
  ["an application cut short", { app: app.subarray(0, -16) }, "image_corrupt"],
  ["something behind the application", { app: Buffer.concat([app, app]) }, "image_corrupt"],
  [
    "a bootloader in the application's place",
    { app: sealed(changed(app, 32, 0)) },
    "image_invalid",
  ],
  ["a damaged bootloader", { bootloader: changed(bootloader, 200, 0xff) }, "image_corrupt"],
  ["a bootloader for another chip", { bootloader: s2Bootloader }, "chips_differ"],
  ["a bootloader that is too large", { bootloader: large }, "image_does_not_fit"],
  [
    "a slot that is too small",
    { table: table((row) => (row.label === "ota_1" ? { ...row, sizeBytes: 256 } : row)) },
    "image_does_not_fit",
  ],
  [
    "a table with a wrong MD5",
    { table: changed(withMd5(encodePartitionTable(OURS), OURS.length), OURS.length * 32 + 16, 0) },
    "partition_table_invalid",
  ],
  [
    "a table for a larger chip",
    { table: table((row) => ({ ...row, offsetBytes: row.offsetBytes * 2 })) },
    "partition_table_invalid",
  ],
  [
    "a table without an application",
    { table: table((row) => ({ ...row, type: 1 })) },
    "partition_table_invalid",
  ],
  [
    "a slot over the table",
    { table: table((row) => (row.label === "ota_0" ? { ...row, offsetBytes: 0x8000 } : row)) },
    "partition_table_invalid",
  ],
  ["no table at all", { table: new Uint8Array(32) }, "partition_table_invalid"],
])("build-factory refuses %s", async (name, parts, code) => {
  const out = join(folder, "refused.bin");
  const built = await buildFactory(buildFolder(name.replaceAll(" ", "-"), parts), { out });
  expect(built).toMatchObject({ kind: "failed", failure: { code, exitCode: 1 } });
  expect(existsSync(out)).toBe(false);
});

test("a whole flash is not packed again", async () => {
  const end = await pack("build-factory", buildFolder("whole"));
  const { file } = JSON.parse(end.stdout) as { file: string };
  const place = buildFolder("whole-again");
  cpSync(file, join(place, "xs_esp32.bin"));
  const again = await pack("build-ota", place);
  expect(again.code).toBe(1);
  expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: "image_merged" } });
});

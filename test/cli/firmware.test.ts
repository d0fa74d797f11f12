import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { decodeAppImage, encodeAppImage } from "../../host-sim/board/app-image.ts";
import { bundleFirmware } from "../../host-sim/firmware.ts";
import { skyfeeder } from "./running-command.ts";

const folder = mkdtempSync(join(tmpdir(), "skyfeeder-firmware-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `skyfeeder firmware ... --json` prints. */
async function firmware(...args: string[]): Promise<Record<string, unknown>> {
  const end = await skyfeeder("firmware", ...args, "--json");
  expect(end).toMatchObject({ code: 0 });
  return JSON.parse(end.stdout) as Record<string, unknown>;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

test("build makes an image that the simulator runs, of the size and version that were asked for", async () => {
  const out = join(folder, "feeder.bin");
  const built = await firmware(
    ...["build", "--version", "2.0.0-rc.1", "--pad-to", "1200000", "--out", out],
  );
  const image = readFileSync(out);
  const app = decodeAppImage(image);
  expect(app).toMatchObject({ product: "skyfeeder", version: "2.0.0-rc.1" });
  expect(app).toMatchObject({ javascript: expect.stringContaining("2.0.0-rc.1") });
  expect(built).toMatchObject({
    file: out,
    kind: "app",
    chip: "esp32",
    project: "skyfeeder",
    version: "2.0.0-rc.1",
    size: 1_200_000,
    sha256: sha256(image),
    elfSha256: (app as { elfSha256: string }).elfSha256,
    checksumOk: true,
    hashOk: true,
  });
  const { file, ...inspected } = built;
  expect(await firmware("inspect", String(file))).toEqual(inspected);
});

test("building again replaces the image, prints its file and leaves nothing else", async () => {
  const place = mkdtempSync(join(folder, "again-"));
  const out = join(place, "feeder.bin");
  const first = await skyfeeder("firmware", "build", "--out", out);
  expect(first).toMatchObject({ code: 0, stdout: `${out}\n` });
  const bytes = readFileSync(out);
  await firmware("build", "--version", "9.9.9", "--out", out);
  expect(decodeAppImage(readFileSync(out))).toMatchObject({ version: "9.9.9" });
  await firmware("build", "--out", out);
  expect(readFileSync(out)).toEqual(bytes);
  expect(readdirSync(place)).toEqual(["feeder.bin"]);
});

test("a bundle with options is that bundle, and the next one without them is as ever", async () => {
  const plain = await bundleFirmware();
  const other = await bundleFirmware({
    version: "3.0.0",
    config: { serverUrl: "http://feeder.example" },
    prelude: "var broken = true;",
  });
  expect(other.javascript.startsWith("var broken = true;")).toBe(true);
  expect(other.javascript).toContain("http://feeder.example");
  expect(other.javascript).toContain('firmwareVersion: "3.0.0"');
  expect(other.version).toBe("3.0.0");
  expect(await bundleFirmware()).toEqual(plain);
});

test("inspect shows a person what it found, damage too", async () => {
  const file = join(folder, "damaged.bin");
  const image = encodeAppImage({ product: "skyfeeder", version: "1.0.0", javascript: "tweet()" });
  writeFileSync(file, Buffer.concat([image, Buffer.from("more")]));
  const whole = await skyfeeder("firmware", "inspect", file);
  expect(whole.code).toBe(0);
  expect(whole.stdout).toMatch(/^version +1\.0\.0$/m);
  expect(whole.stdout).toMatch(/^hash +ok$/m);
  expect(whole.stdout).toMatch(/^trailing +4 bytes behind the image$/m);
  expect(whole.stdout).toMatch(/^ +0x3f400020 +0x20 +\d+$/m);
  image[image.length - 1] = (image[image.length - 1] as number) ^ 1;
  writeFileSync(file, image);
  const damaged = await skyfeeder("firmware", "inspect", file, "--json");
  expect(JSON.parse(damaged.stdout)).toMatchObject({ checksumOk: true, hashOk: false });
  expect(damaged.code).toBe(1);
  image[200] = (image[200] as number) ^ 1;
  writeFileSync(file, image);
  const worse = await skyfeeder("firmware", "inspect", file, "--json");
  expect(JSON.parse(worse.stdout)).toMatchObject({ checksumOk: false, hashOk: false });
  expect(worse.code).toBe(1);
});

const textFile = join(folder, "notes.txt");
writeFileSync(textFile, "no image, and somebody's work");
mkdirSync(join(folder, "empty"));

/** @ stands for the test's folder. */
test.each([
  [["build", "--version", "1.0"], "usage", 2],
  [["build", "--version", "v1.0.0"], "usage", 2],
  [["build", "--pad-to", "many"], "usage", 2],
  [["publish", "--channel", "nope", "feeder.bin"], "usage", 2],
  [["build", "--pad-to", "99999999"], "usage", 2],
  [["build", "--pad-to", "1000", "--out", "@/small.bin"], "pad_to_too_small", 2],
  [["build", "--out", "@/notes.txt"], "output_exists", 1],
  [["build", "--out", "@"], "output_exists", 1],
  [["build", "--out", "@/nowhere/a.bin"], "output_unusable", 1],
  [["build", "--out", "@/a.bin", "--update-keys", "nobody"], "key_not_found", 4],
  [["build", "--out", "@/a.bin", "--development-key", "@/notes.txt"], "key_invalid", 1],
  [["build", "--colour", "red"], "usage", 2],
  [["bulid"], "usage", 2],
  [[], "usage", 2],
  [["inspect"], "usage", 2],
  [["inspect", ""], "usage", 2],
  [["inspect", "@/gone.bin"], "file_not_found", 4],
  [["inspect", "@"], "file_unreadable", 1],
  [["inspect", "/dev/zero"], "file_unreadable", 1],
  [["inspect", "@/notes.txt"], "image_invalid", 1],
  [["build-ota", "@/gone"], "build_not_found", 4],
  [["build-ota", "@/empty"], "build_incomplete", 3],
  [["build-factory", "@/empty"], "build_incomplete", 3],
  [["keygen"], "usage", 2],
  [["key", "@/gone.pem"], "file_not_found", 4],
  [["key", "@/notes.txt"], "key_invalid", 1],
])("skyfeeder firmware %j is refused as %s", async (words, code, exitCode) => {
  const args = words.map((word) => word.replace("@", folder));
  const [json, plain] = await Promise.all([
    skyfeeder("firmware", ...args, "--json"),
    skyfeeder("firmware", ...args),
  ]);
  expect(json.code).toBe(exitCode);
  const { error } = JSON.parse(json.stdout) as { error: Record<string, string> };
  expect(error).toMatchObject({ code });
  expect(error.hint).not.toBe("");
  expect(plain).toMatchObject({ code: exitCode, stdout: "" });
  expect(plain.stderr).toContain(`(${code})`);
  expect(plain.stderr).not.toMatch(/^ +at /m);
});

test("firmware alone shows what it can do", async () => {
  const end = await skyfeeder("firmware");
  expect(end.stderr).toContain("build-factory [options] <folder>");
  expect(end.stderr).toContain("error: say what firmware is to do (usage)");
  expect(end.stderr).toContain("try: npm run -s skyfeeder -- firmware --help");
});

test("what is refused leaves files as they are", async () => {
  expect(readFileSync(textFile, "utf8")).toBe("no image, and somebody's work");
  expect(existsSync(join(folder, "small.bin"))).toBe(false);
  expect(readdirSync(folder).filter((name) => name.endsWith(".new"))).toEqual([]);
  expect(statSync(join(folder, "empty")).isDirectory()).toBe(true);
});

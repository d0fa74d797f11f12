import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { EspImage } from "../../protocol/app-image.ts";
import { parseSemVer } from "../../protocol/semver.ts";
import { EXIT } from "../failure.ts";
import { done, type Failed, failed, type Outcome } from "../outcome.ts";
import { readWhole } from "../whole-file.ts";
import { imageFacts, readImageFile } from "./inspect.ts";

/** What `mcconfig -m -p esp32` leaves in build/bin, and ESP-IDF below xsProj-esp32/build; xs_esp32 on every chip. */
const APP = ["xs_esp32.bin"];
const BOOTLOADER = ["bootloader.bin", "bootloader/bootloader.bin"];
const TABLE = ["partition-table.bin", "partition_table/partition-table.bin"];
const TABLE_BYTES_MAX = 4096;
const HINT = "mcconfig -m -p esp32 leaves it in $MODDABLE/build/bin/esp32/release/NAME";
/** Updates are for feeders that were built as this product (manifest.json). */
const PRODUCT = "skyfeeder";

export interface SoundImage {
  readonly bytes: Uint8Array;
  readonly image: EspImage;
}

/** The application of a build folder, whole and undamaged. */
export async function readApp(folder: string): Promise<Outcome<SoundImage>> {
  const path = await findPart(folder, APP);
  if (path.kind === "failed") return path;
  const app = await readSound(path.value);
  if (app.kind === "failed") return app;
  if (app.value.image.description !== undefined) return app;
  const message = `${path.value} is no application: it has no description`;
  return failed("image_invalid", message, HINT, EXIT.failed);
}

export async function readBootloader(folder: string): Promise<Outcome<SoundImage>> {
  const path = await findPart(folder, BOOTLOADER);
  return path.kind === "failed" ? path : readSound(path.value);
}

export async function readTable(folder: string): Promise<Outcome<Uint8Array>> {
  const path = await findPart(folder, TABLE);
  return path.kind === "failed" ? path : readWhole(path.value, TABLE_BYTES_MAX);
}

async function findPart(folder: string, names: readonly string[]): Promise<Outcome<string>> {
  const isThere = (path: string) =>
    stat(path).then(
      () => true,
      () => false,
    );
  for (const name of names) {
    if (await isThere(join(folder, name))) return done(join(folder, name));
  }
  return (await isThere(folder))
    ? failed("build_incomplete", `${folder} has no ${names[0]}`, HINT, EXIT.missing)
    : failed("build_not_found", `there is no folder ${folder}`, HINT, EXIT.notFound);
}

async function readSound(path: string): Promise<Outcome<SoundImage>> {
  const read = await readImageFile(path);
  if (read.kind === "failed") return read;
  const { bytes, file } = read.value;
  if (file.kind === "merged") {
    const hint = "name a folder with the parts, each in a file";
    return failed("image_merged", `${path} is a whole flash already`, hint, EXIT.failed);
  }
  const { checksumOk, hashOk } = imageFacts(bytes, file.app);
  const { trailingBytes } = file.app;
  if (!checksumOk) return corrupt(path, "its checksum is wrong");
  if (hashOk !== true) return corrupt(path, "its SHA-256 is wrong or missing");
  if (trailingBytes > 0) return corrupt(path, `${trailingBytes} bytes follow the image`);
  return done({ bytes, image: file.app });
}

function corrupt(path: string, why: string): Failed {
  return failed("image_corrupt", `${path}: ${why}`, "build it again", EXIT.failed);
}

/** What keeps feeders from taking this image as an update, in words; it can be flashed all the same. */
export function updateDoubts({ image: { description } }: SoundImage): string[] {
  const doubts: string[] = [];
  if (description?.projectName !== PRODUCT) {
    doubts.push(`its project is ${description?.projectName}, and feeders are ${PRODUCT}`);
  }
  if (parseSemVer(description?.version ?? "") === undefined) {
    doubts.push(
      `its version "${description?.version}" is not SemVer: a server will not publish it`,
    );
  }
  return doubts;
}

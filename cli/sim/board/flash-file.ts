import { access, constants } from "node:fs/promises";
import { dirname } from "node:path";
import { Flash } from "../../../host-sim/board/flash.ts";
import { EXIT } from "../../failure.ts";
import { done, failed, type Outcome } from "../../outcome.ts";
import { cannotWrite, readWhole, replaceWhole } from "../../whole-file.ts";

const FLASH_BYTES = 4 * 1024 * 1024;

/** The chip as it was kept; undefined where nothing was yet. At the end it would be too late to name another place. */
export async function readFlash(path: string | undefined): Promise<Outcome<Flash | undefined>> {
  if (path === undefined) return done(undefined);
  const place = await access(dirname(path), constants.W_OK).then(done, (error) =>
    cannotWrite(path, error.code),
  );
  if (place.kind === "failed") return place;
  const read = await readWhole(path, FLASH_BYTES);
  if (read.kind === "failed") {
    return read.failure.code === "file_not_found" ? done(undefined) : read;
  }
  if (read.value.length === FLASH_BYTES) return done(flashOf(read.value));
  const message = `${path} is no flash: it has ${read.value.length} bytes`;
  return failed("flash_invalid", message, "name another file, or none", EXIT.failed);
}

export function flashOf(bytes: Uint8Array): Flash {
  const flash = new Flash(FLASH_BYTES);
  flash.program(0, bytes);
  return flash;
}

export function saveFlash(path: string, flash: Flash): Promise<Outcome<string>> {
  const bytes = new Uint8Array(flash.sizeBytes);
  flash.restorePower();
  flash.read(0, bytes);
  return replaceWhole(path, bytes);
}

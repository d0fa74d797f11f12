import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { EXIT } from "./failure.ts";
import { done, type Failed, failed, type Outcome } from "./outcome.ts";

/** A regular file: a pipe or a device would be read for ever. */
export async function readWhole(path: string, bytesMax: number): Promise<Outcome<Uint8Array>> {
  const unreadable = (error: NodeJS.ErrnoException) => cannotRead(path, error.code ?? "");
  const info = await stat(path).then(done, unreadable);
  if (info.kind === "failed") return info;
  if (!info.value.isFile()) return cannotRead(path, "it is no file");
  if (info.value.size > bytesMax) return cannotRead(path, `it has more than ${bytesMax} bytes`);
  return readFile(path).then(done, unreadable);
}

function cannotRead(path: string, why: string): Failed {
  if (why === "ENOENT" || why === "ENOTDIR") {
    return failed("file_not_found", `there is no ${path}`, "check the name", EXIT.notFound);
  }
  const hint = "name a file that you may read";
  return failed("file_unreadable", `cannot read ${path}: ${why}`, hint, EXIT.failed);
}

/** Whether `replaceWhole` will be able to: asked before long work whose outcome would be lost. */
export async function checkReplaceable(path: string): Promise<Outcome<string>> {
  const info = await stat(path).catch(() => undefined);
  // A device would be renamed over, a folder cannot be.
  if (info !== undefined && !info.isFile()) return cannotWrite(path, "it is no file");
  const trial = freshOf(path);
  const written = await writeFile(trial, "").then(
    () => done(path),
    (error: NodeJS.ErrnoException) => cannotWrite(path, error.code ?? ""),
  );
  await rm(trial, { force: true }).catch(() => undefined);
  return written;
}

/** Written beside it and renamed into place: whoever looks finds the old file or all of the new one. */
export async function replaceWhole(path: string, bytes: Uint8Array): Promise<Outcome<string>> {
  return replaceFile(path, bytes, 0o666);
}

/** The same for what nobody else may read; `hint` says where it could be written instead. */
export async function replaceSecret(
  path: string,
  text: string,
  hint: string,
): Promise<Outcome<string>> {
  const written = await replaceFile(path, text, 0o600);
  if (written.kind === "done") return written;
  return { kind: "failed", failure: { ...written.failure, hint } };
}

async function replaceFile(
  path: string,
  content: Uint8Array | string,
  mode: number,
): Promise<Outcome<string>> {
  const fresh = freshOf(path);
  const written = await writeFile(fresh, content, { mode, flush: true })
    .then(() => rename(fresh, path))
    .then(
      () => done(path),
      (error: NodeJS.ErrnoException) => cannotWrite(path, error.code ?? ""),
    );
  if (written.kind === "failed") await rm(fresh, { force: true }).catch(() => undefined);
  return written;
}

function freshOf(path: string): string {
  return `${path}.${process.pid}.new`;
}

/** A file that nobody else may read; never one that is there already. */
export async function createSecret(path: string, text: string): Promise<Outcome<string>> {
  return writeFile(path, text, { flag: "wx", mode: 0o600, flush: true }).then(
    () => done(path),
    (error: NodeJS.ErrnoException) =>
      error.code === "EEXIST"
        ? alreadyThere(path, "a key is never overwritten")
        : cannotWrite(path, error.code ?? ""),
  );
}

export function alreadyThere(path: string, why: string): Failed {
  const hint = "name another file with --out";
  return failed("output_exists", `${path} is there already, and ${why}`, hint, EXIT.failed);
}

export function cannotWrite(path: string, why: string): Failed {
  const hint = "name a file in a folder that is there and that you may write to";
  return failed("output_unusable", `cannot write ${path}: ${why}`, hint, EXIT.failed);
}

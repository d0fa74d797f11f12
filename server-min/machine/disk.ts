import type { FileHandle } from "node:fs/promises";
import { lstat, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Disk, DiskEntry, NewFile, OpenFile } from "../storage/disk.ts";

/** The machine's own. */
export const disk: Disk = {
  create: async (path) => newFile(await open(path, "wx")),
  open: async (path) => {
    const file = await openExisting(path);
    if (file === undefined || (await file.stat()).isFile()) return file && openFile(file);
    // Somebody's folder has the name of an object.
    await file.close();
    return undefined;
  },
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  makeFolder: async (path) => (await mkdir(path, { recursive: true })) !== undefined,
  async syncFolder(path) {
    await using folder = await openExisting(path);
    await folder?.sync();
  },
  async list(path) {
    const names = (await readdir(path).catch(undefinedIfMissing)) ?? [];
    const entries: DiskEntry[] = [];
    for (const name of names) {
      const info = await lstat(join(path, name)).catch(undefinedIfMissing);
      if (info?.isFile()) entries.push({ name, kind: "file", bytes: info.size });
      if (info?.isDirectory()) entries.push({ name, kind: "folder", bytes: 0 });
    }
    return entries;
  },
};

function newFile(file: FileHandle): NewFile {
  return {
    append: (bytes) => file.writeFile(bytes),
    sync: () => file.sync(),
    close: () => file.close(),
  };
}

function openFile(file: FileHandle): OpenFile {
  return {
    read: async (into, position) => (await file.read(into, 0, into.length, position)).bytesRead,
    close: () => file.close(),
  };
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  return open(path).catch(undefinedIfMissing);
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

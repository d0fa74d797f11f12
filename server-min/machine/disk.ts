import type { FileHandle } from "node:fs/promises";
import { mkdir, open, rename, rm } from "node:fs/promises";
import type { Disk, NewFile, OpenFile } from "../storage/disk.ts";

/** The machine's own. */
export const disk: Disk = {
  create: async (path) => newFile(await open(path, "wx")),
  open: async (path) => {
    const file = await openExisting(path);
    return file && openFile(file);
  },
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  makeFolder: async (path) => (await mkdir(path, { recursive: true })) !== undefined,
  async syncFolder(path) {
    await using folder = await open(path);
    await folder.sync();
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
  return open(path).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
}

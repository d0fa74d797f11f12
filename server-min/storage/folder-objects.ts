import type { FileHandle } from "node:fs/promises";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ObjectBytes, ObjectStore, ObjectWriter } from "../ports.ts";

/** Keys cannot start a name with a dot, so no object lands in here. */
const STAGING = ".staging";
const READ_BYTES = 64 * 1024;
const SAFE_KEY = /^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)*$/;

/** Opens the folder for one process, and removes what an earlier one left unfinished. */
export async function openFolderObjects(root: string): Promise<ObjectStore> {
  // One folder for unfinished files: finding them must not mean walking through every photo.
  const staging = join(root, STAGING);
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  return new FolderObjects(root, staging);
}

class FolderObjects implements ObjectStore {
  readonly #root: string;
  readonly #staging: string;
  readonly #foldersBeingMade = new Map<string, Promise<void>>();
  #created = 0;

  constructor(root: string, staging: string) {
    this.#root = root;
    this.#staging = staging;
  }

  async create(key: string): Promise<ObjectWriter> {
    const path = this.#pathOf(key);
    this.#created += 1;
    const unfinished = join(this.#staging, String(this.#created));
    const file = await open(unfinished, "wx");
    let isCommitted = false;
    return {
      write: (chunk) => file.writeFile(chunk),
      commit: async () => {
        await file.sync();
        await this.#makeFolder(dirname(path));
        await rename(unfinished, path);
        await syncFolder(dirname(path));
        isCommitted = true;
      },
      [Symbol.asyncDispose]: async () => {
        await file.close();
        if (!isCommitted) await rm(unfinished, { force: true });
      },
    };
  }

  async read(key: string, firstByte: number, lastByte: number): Promise<ObjectBytes> {
    const file = await openExisting(this.#pathOf(key));
    return file && streamFile(file, firstByte, lastByte);
  }

  /** Whoever needs a folder that another upload is just making waits until its entry is durable too. */
  async #makeFolder(folder: string): Promise<void> {
    const beingMade = this.#foldersBeingMade.get(folder);
    if (beingMade !== undefined) return beingMade;
    const making = makeDurableFolder(folder).finally(() => this.#foldersBeingMade.delete(folder));
    this.#foldersBeingMade.set(folder, making);
    return making;
  }

  #pathOf(key: string): string {
    if (!SAFE_KEY.test(key) || key.includes("..")) throw new Error(`unsafe object key: ${key}`);
    return join(this.#root, ...key.split("/"));
  }
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  return open(path).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
}

/** Closes the file at the end, at an error and when the reader goes away. */
function streamFile(
  file: FileHandle,
  firstByte: number,
  lastByte: number,
): ReadableStream<Uint8Array> {
  let position = firstByte;
  return new ReadableStream({
    async pull(controller) {
      const chunk = new Uint8Array(Math.min(READ_BYTES, lastByte + 1 - position));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
      position += bytesRead;
      if (bytesRead > 0) controller.enqueue(chunk.subarray(0, bytesRead));
      if (bytesRead > 0 && position <= lastByte) return;
      await file.close();
      controller.close();
    },
    cancel: () => file.close(),
  });
}

async function makeDurableFolder(folder: string): Promise<void> {
  const firstMade = await mkdir(folder, { recursive: true });
  if (firstMade === undefined) return;
  // A new folder's name lives in its parent, so each parent up to the first old one is synced.
  for (let made = folder; made.length >= firstMade.length; made = dirname(made)) {
    await syncFolder(dirname(made));
  }
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder);
  await handle.sync();
}

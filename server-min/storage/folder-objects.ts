import { dirname, join } from "node:path";
import type { ListedObject, ObjectBytes, ObjectStore, ObjectWriter } from "../ports.ts";
import type { Disk, OpenFile } from "./disk.ts";
import { isSafeKey } from "./safe-key.ts";

/** Keys cannot start a name with a dot, so no object lands in here. */
const STAGING = ".staging";
const READ_BYTES = 64 * 1024;

/** Opens the folder for one process, and removes what an earlier one left unfinished. */
export async function openFolderObjects(disk: Disk, root: string): Promise<ObjectStore> {
  // One folder for unfinished files: finding them must not mean walking through every photo.
  const staging = join(root, STAGING);
  await disk.remove(staging);
  await disk.makeFolder(staging);
  // What is in the root is only found by the root's own name.
  await disk.syncFolder(dirname(root));
  return new FolderObjects(disk, root);
}

/** The same beside the process that has it open: nothing is cleaned up, and nothing may be created. */
export function lookIntoFolderObjects(disk: Disk, root: string): ObjectStore {
  return new FolderObjects(disk, root);
}

class FolderObjects implements ObjectStore {
  readonly #disk: Disk;
  readonly #root: string;
  readonly #staging: string;
  readonly #foldersBeingMade = new Map<string, Promise<void>>();
  /** Whose names survive a power cut for sure. */
  readonly #durableFolders = new Set<string>();
  #created = 0;

  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.#root = root;
    this.#staging = join(root, STAGING);
  }

  async create(key: string): Promise<ObjectWriter> {
    const path = this.#pathOf(key);
    this.#created += 1;
    const unfinished = join(this.#staging, String(this.#created));
    const disk = this.#disk;
    const file = await disk.create(unfinished);
    let isCommitted = false;
    return {
      write: (chunk) => file.append(chunk),
      commit: async () => {
        await file.sync();
        await this.#makeFolder(dirname(path));
        await disk.rename(unfinished, path);
        await disk.syncFolder(dirname(path));
        isCommitted = true;
      },
      [Symbol.asyncDispose]: async () => {
        await file.close();
        if (!isCommitted) await disk.remove(unfinished);
      },
    };
  }

  async read(key: string, firstByte: number, lastByte: number): Promise<ObjectBytes> {
    const file = await this.#disk.open(this.#pathOf(key));
    return file && streamFile(file, firstByte, lastByte);
  }

  async remove(key: string): Promise<void> {
    const path = this.#pathOf(key);
    await this.#disk.remove(path);
    await this.#disk.syncFolder(dirname(path));
  }

  async *list(prefix: string): AsyncGenerator<ListedObject> {
    const folder = prefix.replace(/\/$/, "");
    for (const { name, kind, bytes } of await this.#disk.list(this.#pathOf(folder))) {
      const key = `${folder}/${name}`;
      // No key leads to any other name: it is not the store's.
      if (!isSafeKey(key)) continue;
      if (kind === "file") yield { key, bytes };
      else yield* this.list(`${key}/`);
    }
  }

  /** Whoever needs a folder that another upload is just making waits until its entry is durable too. */
  async #makeFolder(folder: string): Promise<void> {
    const beingMade = this.#foldersBeingMade.get(folder);
    if (beingMade !== undefined) return beingMade;
    const making = this.#makeDurable(folder).finally(() => this.#foldersBeingMade.delete(folder));
    this.#foldersBeingMade.set(folder, making);
    return making;
  }

  async #makeDurable(folder: string): Promise<void> {
    const isNew = await this.#disk.makeFolder(folder);
    // An old one counts as new at first: the process that made it may have been killed before it came to the syncs.
    if (!isNew && this.#durableFolders.has(folder)) return;
    // A name lives in the parent.
    for (let made = folder; made.length > this.#root.length; made = dirname(made)) {
      await this.#disk.syncFolder(dirname(made));
    }
    this.#durableFolders.add(folder);
  }

  #pathOf(key: string): string {
    if (!isSafeKey(key)) throw new Error(`unsafe object key: ${key}`);
    return join(this.#root, ...key.split("/"));
  }
}

/** Closes the file at the end, at an error and when the reader goes away. */
function streamFile(
  file: OpenFile,
  firstByte: number,
  lastByte: number,
): ReadableStream<Uint8Array> {
  let position = firstByte;
  return new ReadableStream({
    async pull(controller) {
      const chunk = new Uint8Array(Math.min(READ_BYTES, lastByte + 1 - position));
      const bytesRead = await file.read(chunk, position);
      position += bytesRead;
      if (bytesRead > 0) controller.enqueue(chunk.subarray(0, bytesRead));
      if (bytesRead > 0 && position <= lastByte) return;
      await file.close();
      controller.close();
    },
    cancel: () => file.close(),
  });
}

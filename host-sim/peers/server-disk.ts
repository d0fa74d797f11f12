import type { RandomStream } from "../random.ts";
import type { ServerProcess } from "./server-process.ts";

const PAGE_BYTES = 4096;

interface File {
  readonly kind: "file";
  bytes: Uint8Array;
  /** So many of them are on the disk itself. */
  syncedBytes: number;
}

interface Folder {
  readonly kind: "folder";
  entries: Map<string, File | Folder>;
  /** What a power cut leaves, whatever becomes of `changes`. */
  readonly synced: Map<string, File | Folder>;
  /** Since the last sync, in their order. */
  changes: EntryChange[];
}

interface EntryChange {
  readonly name: string;
  readonly becomes: File | Folder | undefined;
}

/**
 * The disk of the server's machine, in memory. A power cut takes what was not synced: the bytes of a file, and the names
 * in a folder, which are the folder's own bytes. It takes none, some or all of it, as real ones do: file systems write in
 * whatever order suits them.
 */
export class ServerDisk {
  readonly #root = newFolder();

  /** The disk as one process has it: what it has open ends with it. */
  mount(process: ServerProcess) {
    return {
      create: async (path: string) => newFile(process, await process.step(() => this.#add(path))),
      open: async (path: string) => openFile(process, await process.look(() => this.#file(path))),
      rename: (from: string, to: string) => process.step(() => this.#rename(from, to)),
      remove: (path: string) => this.#remove(process, path),
      makeFolder: (path: string) => this.#makeFolder(process, path),
      list: (path: string) => process.look(() => listEntries(this.#find(path))),
      syncFolder: (path: string) => process.step(() => syncEntries(this.#find(path))),
    };
  }

  cutPower(random: RandomStream): void {
    loseEntries(this.#root, random);
  }

  #add(path: string): File {
    const [folder, name] = this.#place(path);
    if (folder.entries.has(name)) throw new Error(`EEXIST: ${path}`);
    const file: File = { kind: "file", bytes: new Uint8Array(), syncedBytes: 0 };
    change(folder, name, file);
    return file;
  }

  #rename(from: string, to: string): void {
    const [source, name] = this.#place(from);
    const entry = source.entries.get(name);
    if (entry === undefined) throw new Error(`ENOENT: ${from}`);
    const [target, newName] = this.#place(to);
    change(target, newName, entry);
    change(source, name, undefined);
  }

  async #remove(process: ServerProcess, path: string): Promise<void> {
    const found = await process.look(() => this.#find(path));
    if (found === undefined) return;
    const names = found.kind === "folder" ? [...found.entries.keys()] : [];
    for (const name of names) await this.#remove(process, `${path}/${name}`);
    await process.step(() => {
      const [folder, name] = this.#place(path);
      change(folder, name, undefined);
    });
  }

  async #makeFolder(process: ServerProcess, path: string): Promise<boolean> {
    const names = namesIn(path);
    const missing = names
      .map((_, at) => `/${names.slice(0, at + 1).join("/")}`)
      .filter((above) => this.#find(above) === undefined);
    for (const folder of missing) {
      await process.step(() => {
        const [parent, name] = this.#place(folder);
        change(parent, name, newFolder());
      });
    }
    return missing.length > 0;
  }

  #file(path: string): File | undefined {
    const found = this.#find(path);
    return found?.kind === "file" ? found : undefined;
  }

  #folder(path: string): Folder {
    const found = this.#find(path);
    if (found?.kind !== "folder") throw new Error(`ENOENT: ${path}`);
    return found;
  }

  #place(path: string): [Folder, string] {
    const names = namesIn(path);
    const name = names.pop() ?? "";
    return [this.#folder(names.join("/")), name];
  }

  #find(path: string): File | Folder | undefined {
    let found: File | Folder | undefined = this.#root;
    for (const name of namesIn(path)) {
      found = found?.kind === "folder" ? found.entries.get(name) : undefined;
    }
    return found;
  }
}

function newFile(process: ServerProcess, file: File) {
  return {
    append: (bytes: Uint8Array) =>
      process.step(() => {
        file.bytes = join(file.bytes, bytes);
      }),
    sync: () =>
      process.step(() => {
        file.syncedBytes = file.bytes.length;
      }),
    close: () => process.look(() => {}),
  };
}

function join(bytes: Uint8Array, more: Uint8Array): Uint8Array {
  const joined = new Uint8Array(bytes.length + more.length);
  joined.set(bytes);
  joined.set(more, bytes.length);
  return joined;
}

function openFile(process: ServerProcess, file: File | undefined) {
  if (file === undefined) return undefined;
  return {
    async read(into: Uint8Array, position: number): Promise<number> {
      // Not for ever: who is being sent this file hears its connection break.
      if (!process.isAlive) throw new Error("the process is gone");
      const piece = file.bytes.subarray(position, position + into.length);
      into.set(piece);
      return piece.length;
    },
    close: () => process.look(() => {}),
  };
}

function newFolder(): Folder {
  return { kind: "folder", entries: new Map(), synced: new Map(), changes: [] };
}

function change(folder: Folder, name: string, becomes: File | Folder | undefined): void {
  put(folder.entries, { name, becomes });
  folder.changes.push({ name, becomes });
}

function put(entries: Map<string, File | Folder>, { name, becomes }: EntryChange): void {
  if (becomes === undefined) entries.delete(name);
  else entries.set(name, becomes);
}

function listEntries(folder: File | Folder | undefined) {
  const entries = folder?.kind === "folder" ? [...folder.entries] : [];
  return entries.map(([name, entry]) => ({
    name,
    kind: entry.kind,
    bytes: entry.kind === "file" ? entry.bytes.length : 0,
  }));
}

function syncEntries(folder: File | Folder | undefined): void {
  if (folder?.kind !== "folder") return;
  for (const changed of folder.changes) put(folder.synced, changed);
  folder.changes = [];
}

function loseEntries(folder: Folder, random: RandomStream): void {
  const keptShare = shareKept(random);
  folder.changes = folder.changes.filter(() => random() < keptShare);
  syncEntries(folder);
  folder.entries = new Map(folder.synced);
  for (const entry of folder.entries.values()) {
    if (entry.kind === "folder") loseEntries(entry, random);
    else loseBytes(entry, random);
  }
}

/** A file is long before its pages are written: those that were not are zeros. */
function loseBytes(file: File, random: RandomStream): void {
  if (file.syncedBytes === file.bytes.length) return;
  const unsyncedBytes = file.bytes.length - file.syncedBytes;
  const keptShare = shareKept(random);
  const keptBytes =
    file.syncedBytes + Math.round(unsyncedBytes * Math.min(1, Math.max(0, shareKept(random))));
  const kept = file.bytes.slice(0, keptBytes);
  for (let at = file.syncedBytes; at < keptBytes; at += PAGE_BYTES) {
    if (random() >= keptShare) kept.fill(0, at, at + PAGE_BYTES);
  }
  file.bytes = kept;
  file.syncedBytes = keptBytes;
}

/** Below 0 is none and above 1 is all: either is as likely as everything between. */
function shareKept(random: RandomStream): number {
  return 2 * random() - 0.5;
}

function namesIn(path: string): string[] {
  return path.split(/[/\\]/).filter((name) => name !== "");
}

/** The file operations that the folder store is made of. A machine has them; a simulated disk has their failures too. */
export interface Disk {
  /** Fails when there is such a file. */
  create(path: string): Promise<NewFile>;
  /** Undefined when there is none. */
  open(path: string): Promise<OpenFile | undefined>;
  /** Replaces what has that name. */
  rename(from: string, to: string): Promise<void>;
  /** With everything in it; there need be none. */
  remove(path: string): Promise<void>;
  /** With the folders above it. False when it is there already. */
  makeFolder(path: string): Promise<boolean>;
  /** Nothing when there is no such folder. */
  list(path: string): Promise<readonly DiskEntry[]>;
  /** The names in it survive a power cut from now on; what they name need not. There need be no such folder. */
  syncFolder(path: string): Promise<void>;
}

export interface DiskEntry {
  readonly name: string;
  readonly kind: "file" | "folder";
  /** 0 for a folder. */
  readonly bytes: number;
}

export interface NewFile {
  append(bytes: Uint8Array): Promise<void>;
  /** Its bytes survive a power cut from now on; its name need not. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenFile {
  /** Answers how many bytes came; 0 is the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

import type { FileHandle } from "node:fs/promises";
import { Header, Pax } from "tar";

const BLOCK_BYTES = 512;

/** A tar file that is written entry by entry; everything in it is for its owner alone. */
export class ArchiveWriter {
  readonly #file: FileHandle;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async add(path: string, bytes: Uint8Array): Promise<void> {
    await this.addStream(path, bytes.length, [bytes]);
  }

  /** The chunks must have `size` bytes together. */
  async addStream(
    path: string,
    size: number,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void> {
    const header = new Header({ path, size, mode: 0o600, type: "File", mtime: new Date() });
    header.encode();
    // A name of more than a hundred bytes needs an entry of its own.
    if (header.needPax) await this.#write(new Pax({ path, size }).encode());
    await this.#write(header.block ?? Buffer.alloc(BLOCK_BYTES));
    let written = 0;
    for await (const chunk of chunks) {
      await this.#write(chunk);
      written += chunk.length;
    }
    if (written !== size) throw new Error(`${path} changed its size while it was read`);
    await this.#write(Buffer.alloc((BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES));
  }

  /** Two empty blocks are the end; what is before it survives a power cut from now on. */
  async end(): Promise<void> {
    await this.#write(Buffer.alloc(2 * BLOCK_BYTES));
    await this.#file.sync();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.#file.writeFile(bytes);
  }
}

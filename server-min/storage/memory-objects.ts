import type { ListedObject, ObjectStore, ObjectWriter } from "../ports.ts";

/** The folder store's twin for virtual time: what was committed survives `crash`, nothing else does. */
export class MemoryObjects implements ObjectStore {
  readonly #committed = new Map<string, Uint8Array<ArrayBuffer>>();
  #crashes = 0;

  create(key: string): ObjectWriter {
    const chunks: Uint8Array[] = [];
    const bornAfter = this.#crashes;
    let isOpen = true;
    return {
      write: (chunk) => {
        // Copied, for the caller may use its buffer again; slice() of a Buffer would not copy.
        chunks.push(new Uint8Array(chunk));
      },
      commit: () => {
        if (!isOpen || bornAfter !== this.#crashes) throw new Error(`${key}: its writer is gone`);
        this.#committed.set(key, Buffer.concat(chunks));
      },
      [Symbol.asyncDispose]: async () => {
        isOpen = false;
      },
    };
  }

  read(key: string, firstByte: number, lastByte: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#committed.get(key)?.slice(firstByte, lastByte + 1);
  }

  remove(key: string): void {
    this.#committed.delete(key);
  }

  async *list(prefix: string): AsyncGenerator<ListedObject> {
    for (const [key, { length }] of [...this.#committed]) {
      if (key.startsWith(prefix)) yield { key, bytes: length };
    }
  }

  /** A power cut: writers that are still open can no longer commit. */
  crash(): void {
    this.#crashes += 1;
  }
}

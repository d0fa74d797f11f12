import type { DatabaseSync } from "node:sqlite";

interface Write {
  run(): readonly unknown[];
  resolve(rows: readonly unknown[]): void;
  reject(reason: unknown): void;
}

/** Calls back soon; how soon decides what is written together. */
export type Soon = (work: () => void) => unknown;

/**
 * One transaction, and so one sync of the disk, for what several want to write at once. Nobody is answered before it is
 * on disk; nothing else runs between its first and its last statement.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #soon: Soon;
  #waiting: Write[] = [];

  constructor(database: DatabaseSync, soon: Soon) {
    this.#database = database;
    this.#soon = soon;
  }

  /** Runs one statement; done when what it wrote survives a power cut. */
  write(run: Write["run"]): Promise<readonly unknown[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly unknown[]>();
    this.#waiting.push({ run, resolve, reject });
    if (this.#waiting.length === 1) this.#soon(() => this.#settle());
    return promise;
  }

  #settle(): void {
    const writes = this.#waiting;
    this.#waiting = [];
    const together = writes.length > 1 ? this.#runTogether(writes) : Promise.reject();
    together.then(
      (rows) => writes.forEach((write, at) => void write.resolve(rows[at] ?? [])),
      // Alone, each fails for itself.
      () => writes.forEach((write) => void this.#runAlone(write)),
    );
  }

  async #runAlone({ run, resolve, reject }: Write): Promise<void> {
    await (async () => run())().then(resolve, reject);
  }

  /** All or none; whatever fails, no transaction is left open when this returns. */
  async #runTogether(writes: readonly Write[]): Promise<readonly (readonly unknown[])[]> {
    using undo = new DisposableStack();
    this.#database.exec("BEGIN IMMEDIATE");
    undo.defer(() => {
      // A full disk has ended it already.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
    });
    const rows = writes.map(({ run }) => run());
    this.#database.exec("COMMIT");
    undo.move();
    return rows;
  }
}

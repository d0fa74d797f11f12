/** Rows that stay at the bottom of a terminal, below lines that go by. */
export class LiveTable {
  readonly #write: (text: string) => void;
  #rows: readonly string[] = [];

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  replace(rows: readonly string[]): void {
    this.#draw("", rows);
  }

  /** `line` has no line end. */
  printAbove(line: string): void {
    this.#draw(`${line}\n`, this.#rows);
  }

  /** The rows stay on the screen, and what comes next is below them. */
  #draw(lines: string, rows: readonly string[]): void {
    // Up to the first row, and everything below it is gone.
    const clear = this.#rows.length === 0 ? "" : `\u001b[${this.#rows.length}A\u001b[J`;
    this.#rows = rows;
    this.#write(clear + lines + rows.map((row) => `${row}\n`).join(""));
  }
}

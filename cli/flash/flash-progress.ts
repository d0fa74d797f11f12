import type { FlashStage } from "./flash-board.ts";

/** Of a terminal that is not there: a line each tenth, not each block. */
const PLAIN_STEP = 0.1;

interface Transfer {
  readonly what: string;
  readonly startedAtMs: number;
  shown: number;
}

/** Wide enough for the longest, so that a shorter one leaves nothing of it. */
const TEXT_COLUMNS = 78;

export interface ProgressView {
  /** Of a terminal. */
  readonly columns: number | undefined;
  write(text: string): void;
  nowMs(): number;
}

/** Says on a terminal in one line, elsewhere in plain ones, how far a flash is. */
export class FlashProgress {
  readonly #view: ProgressView;
  #transfer: Transfer | undefined;

  constructor(view: ProgressView) {
    this.#view = view;
  }

  show(stage: FlashStage): void {
    if (stage.kind === "writing") return this.#writing(stage);
    if (stage.kind === "connecting") this.#line("resetting the board into its loader");
    if (stage.kind === "found") this.#line(`${stage.chip.description}, MAC ${stage.chip.mac}`);
    if (stage.kind === "erasing") this.#line("erasing the whole chip; up to a minute");
    if (stage.kind === "verifying") this.#line(`comparing ${stage.write.what} by MD5`);
  }

  #writing({ write, sentBytes, totalBytes }: FlashStage & { kind: "writing" }): void {
    const { columns } = this.#view;
    if (sentBytes === 0 || this.#transfer === undefined) {
      this.#transfer = { what: write.what, startedAtMs: this.#view.nowMs(), shown: 0 };
    }
    const fraction = totalBytes === 0 ? 1 : sentBytes / totalBytes;
    const isDue =
      columns !== undefined || fraction === 1 || fraction >= this.#transfer.shown + PLAIN_STEP;
    if (!isDue) return;
    this.#transfer.shown = fraction;
    const elapsedMs = this.#view.nowMs() - this.#transfer.startedAtMs;
    const text = progressText(write.what, sentBytes, totalBytes, elapsedMs);
    if (columns === undefined) return this.#view.write(`${text}\n`);
    // What reaches the last column makes some terminals go on in the next line.
    const shown = text.padEnd(TEXT_COLUMNS).slice(0, Math.max(columns - 1, 0));
    this.#view.write(`\r${shown}${fraction === 1 ? "\n" : ""}`);
  }

  #line(text: string): void {
    this.#view.write(`${text}\n`);
  }
}

/** The bytes are compressed ones: those take the time. */
export function progressText(
  what: string,
  sentBytes: number,
  totalBytes: number,
  elapsedMs: number,
): string {
  const percent = totalBytes === 0 ? 100 : Math.floor((100 * sentBytes) / totalBytes);
  const bytesPerMs = elapsedMs > 0 ? sentBytes / elapsedMs : 0;
  const left = bytesPerMs > 0 ? Math.ceil((totalBytes - sentBytes) / bytesPerMs / 1000) : undefined;
  const amount = `${kilobytes(sentBytes)} of ${kilobytes(totalBytes)} kB packed`;
  const rate = left === undefined ? "" : `, ${Math.round(bytesPerMs)} kB/s, ${left} s left`;
  return `writing ${what}: ${percent} %, ${amount}${rate}`;
}

function kilobytes(bytes: number): number {
  return Math.round(bytes / 1000);
}

/** A message of 64 KiB each, this is 128 MB; a healthy database has a handful. */
const BEHIND_AT = 2_000;

/** Work that outlives the request or message that caused it. A failure is reported and hurts nobody else. */
export class Background {
  readonly #running = new Set<Promise<void>>();
  readonly #report: (error: unknown) => void;
  readonly #waiting: (() => void)[] = [];

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  run(work: () => Promise<void>): void {
    const running = work()
      .catch(this.#report)
      .finally(() => this.#finish(running));
    this.#running.add(running);
  }

  /** So much is under way that whoever brings more is to wait. */
  get isBehind(): boolean {
    return this.#running.size >= BEHIND_AT;
  }

  /** Calls back once, when half of that is done. */
  onceEased(eased: () => void): void {
    this.#waiting.push(eased);
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #finish(running: Promise<void>): void {
    this.#running.delete(running);
    if (this.#waiting.length === 0 || this.#running.size > BEHIND_AT / 2) return;
    for (const eased of this.#waiting.splice(0)) eased();
  }
}

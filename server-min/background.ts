/** Work that outlives the request or message that caused it. A failure is reported and hurts nobody else. */
export class Background {
  readonly #running = new Set<Promise<void>>();
  readonly #report: (error: unknown) => void;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  run(work: () => Promise<void>): void {
    const running = work()
      .catch(this.#report)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}

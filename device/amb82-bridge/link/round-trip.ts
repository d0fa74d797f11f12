/** RFC 6298, with a floor for a wire instead of the Internet's second. */
const FIRST_TIMEOUT_MS = 300;
/** Two polls of 10 ms at either end, a full frame at 921600 baud and a garbage collection. */
const TIMEOUT_MIN_MS = 50;
const TIMEOUT_MAX_MS = 1_000;

/** How long an acknowledgement may take before the frame is taken for lost. */
export class RoundTrip {
  #smoothedMs = 0;
  #variationMs = 0;
  #timeoutMs = FIRST_TIMEOUT_MS;

  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** The rate of the wire has changed: what was measured is void. */
  reset(): void {
    this.#smoothedMs = 0;
    this.#timeoutMs = FIRST_TIMEOUT_MS;
  }

  /** One measurement; never of a frame that was sent twice (Karn). */
  measured(roundTripMs: number): void {
    if (this.#smoothedMs === 0) {
      this.#smoothedMs = roundTripMs;
      this.#variationMs = roundTripMs / 2;
    } else {
      const differenceMs = Math.abs(this.#smoothedMs - roundTripMs);
      this.#variationMs += (differenceMs - this.#variationMs) / 4;
      this.#smoothedMs += (roundTripMs - this.#smoothedMs) / 8;
    }
    const timeoutMs = this.#smoothedMs + 4 * this.#variationMs;
    this.#timeoutMs = Math.min(Math.max(timeoutMs, TIMEOUT_MIN_MS), TIMEOUT_MAX_MS);
  }

  timedOut(): void {
    this.#timeoutMs = Math.min(this.#timeoutMs * 2, TIMEOUT_MAX_MS);
  }
}

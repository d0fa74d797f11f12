import { BAD_DOWNLOAD_BASE_MS, BAD_DOWNLOAD_MAX_MS } from "../limits.ts";

/** Bytes that were not what was signed: whoever sends them may do so for ever, and each time costs the slot an erase. */
export class DownloadBackoff {
  #sha256 = "";
  #failures = 0;
  #dueMs = 0;

  failed(sha256: string, nowMs: number): void {
    this.#failures = sha256 === this.#sha256 ? this.#failures + 1 : 1;
    this.#sha256 = sha256;
    const delayMs = BAD_DOWNLOAD_BASE_MS * 2 ** (this.#failures - 1);
    this.#dueMs = nowMs + Math.min(BAD_DOWNLOAD_MAX_MS, delayMs);
  }

  isDue(sha256: string, nowMs: number): boolean {
    return sha256 !== this.#sha256 || nowMs >= this.#dueMs;
  }
}

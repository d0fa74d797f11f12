import { CLIP_BUFFER_BYTES } from "../limits.ts";
import type { HttpBody } from "../ports.ts";

/** A clip between the link and the network: what has come over one and not yet left by the other. */
export class ClipStream implements HttpBody {
  readonly lengthBytes: number;
  readonly #buffer = new Uint8Array(CLIP_BUFFER_BYTES);
  #readAt = 0;
  #heldBytes = 0;
  #broken = false;
  #resume: (() => void) | undefined;

  constructor(lengthBytes: number) {
    this.lengthBytes = lengthBytes;
  }

  get roomBytes(): number {
    return CLIP_BUFFER_BYTES - this.#heldBytes;
  }

  /** From the link, which was granted `roomBytes`: a camera that sends more breaks its own clip. */
  write(bytes: Uint8Array): void {
    if (bytes.length > this.roomBytes) return this.break();
    let at = (this.#readAt + this.#heldBytes) % CLIP_BUFFER_BYTES;
    for (let index = 0; index < bytes.length; index++) {
      this.#buffer[at] = bytes[index] as number;
      at = at + 1 === CLIP_BUFFER_BYTES ? 0 : at + 1;
    }
    this.#heldBytes += bytes.length;
    this.wake();
  }

  /** The rest will not come. */
  break(): void {
    this.#broken = true;
    this.wake();
  }

  read(into: Uint8Array): number | undefined {
    if (this.#broken) return undefined;
    const count = Math.min(into.length, this.#heldBytes);
    for (let index = 0; index < count; index++) {
      into[index] = this.#buffer[this.#readAt] as number;
      this.#readAt = this.#readAt + 1 === CLIP_BUFFER_BYTES ? 0 : this.#readAt + 1;
    }
    this.#heldBytes -= count;
    return count;
  }

  whenReadable(resume: () => void): void {
    this.#resume = resume;
  }

  private wake(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }
}

import { readSync, writeSync } from "node:fs";

const COLON = 0x3a;
const COMMA = 0x2c;
const ZERO = 0x30;
const FIRST_BYTES = 65_536;

/** Netstrings over a pair of pipes, each written and read at once: `<length>:<kind><bytes>,`. */
export class NetstringPipe {
  readonly #readFd: number;
  readonly #writeFd: number;
  #in = Buffer.allocUnsafe(FIRST_BYTES);
  #out = Buffer.allocUnsafe(FIRST_BYTES);
  /** What came and was not handed out yet. */
  #from = 0;
  #to = 0;

  constructor(readFd: number, writeFd: number) {
    this.#readFd = readFd;
    this.#writeFd = writeFd;
  }

  write(kind: string, body: Uint8Array): void {
    const head = `${body.length + 1}:${kind}`;
    const length = head.length + body.length + 1;
    if (length > this.#out.length) this.#out = Buffer.allocUnsafe(2 * length);
    this.#out.write(head, 0, "latin1");
    this.#out.set(body, head.length);
    this.#out[length - 1] = COMMA;
    for (let at = 0; at < length; ) at += writeSync(this.#writeFd, this.#out, at, length - at);
  }

  /** Waits for the next one, kind and bytes, which the next read overwrites; undefined when the other end is gone. */
  read(): Buffer | undefined {
    for (;;) {
      const message = this.#take();
      if (message !== undefined) return message;
      this.#makeRoom();
      const count = readSync(this.#readFd, this.#in, this.#to, this.#in.length - this.#to, null);
      if (count === 0) return undefined;
      this.#to += count;
    }
  }

  #take(): Buffer | undefined {
    let length = 0;
    let at = this.#from;
    while (at < this.#to && this.#in[at] !== COLON) length = length * 10 + this.#digit(at++);
    const end = at + 1 + length;
    if (end >= this.#to) return undefined;
    this.#from = end + 1;
    return this.#in.subarray(at + 1, end);
  }

  #digit(at: number): number {
    return (this.#in[at] ?? ZERO) - ZERO;
  }

  /** Moves what is held to the front; twice the room where it fills all of it. */
  #makeRoom(): void {
    if (this.#from > 0) {
      this.#in.copy(this.#in, 0, this.#from, this.#to);
      this.#to -= this.#from;
      this.#from = 0;
    }
    if (this.#to < this.#in.length) return;
    const larger = Buffer.allocUnsafe(2 * this.#in.length);
    this.#in.copy(larger, 0, 0, this.#to);
    this.#in = larger;
  }
}

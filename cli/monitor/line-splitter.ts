import { behindHeader, holdsCommand, improvStart, isSound, packetBytes } from "./improv-packet.ts";

/** Longer lines come in pieces: at the wrong baud rate no line may ever end. */
export const LINE_BYTES_MAX = 4096;

export type Piece =
  | { readonly kind: "text"; readonly text: string; readonly endsLine: boolean }
  | { readonly kind: "improv"; readonly packet: Uint8Array };

const LF = 0x0a;
const CR = 0x0d;

/** Cuts a board's bytes into lines and Improv packets. Any bytes are good; it keeps one line at most. */
export class LineSplitter {
  readonly #take: (piece: Piece) => void;
  readonly #line = new Uint8Array(LINE_BYTES_MAX);
  readonly #decoder = new TextDecoder();
  #length = 0;
  /** Between a CR and what says whether it was the end of a CR LF. */
  #isAfterReturn = false;
  /** The LF that belongs to a packet. */
  #skipsLineFeed = false;

  constructor(take: (piece: Piece) => void) {
    this.#take = take;
  }

  push(bytes: Uint8Array): void {
    for (const byte of bytes) this.#pushByte(byte);
  }

  /** What has come of a line whose rest stays out; a prompt for example. */
  flush(): void {
    if (this.#length > 0) this.#cut(false);
  }

  #pushByte(byte: number): void {
    const isReturned = this.#isAfterReturn;
    const skipsLineFeed = this.#skipsLineFeed;
    this.#skipsLineFeed = false;
    if (this.#length > 0 && improvStart(this.#line, this.#length) === "yes") {
      return this.#pushPacketByte(byte);
    }
    this.#isAfterReturn = byte === CR;
    if (byte === CR) return isReturned ? undefined : this.#cut(true);
    if (byte === LF) return isReturned || skipsLineFeed ? undefined : this.#cut(true);
    this.#line[this.#length++] = byte;
    if (this.#length === LINE_BYTES_MAX) this.#cut(false);
  }

  #pushPacketByte(byte: number): void {
    this.#line[this.#length++] = byte;
    if (this.#length !== packetBytes(this.#line, this.#length)) return;
    const packet = this.#line.slice(0, this.#length);
    this.#length = 0;
    // A reset may have cut it short, and what follows is worth reading. The header is gone: this ends.
    if (!isSound(packet) && !holdsCommand(packet)) return this.push(behindHeader(packet));
    this.#skipsLineFeed = true;
    this.#take({ kind: "improv", packet });
  }

  #cut(endsLine: boolean): void {
    const bytes = this.#line.subarray(0, this.#length);
    const isPacket = improvStart(bytes, this.#length) === "yes";
    this.#length = 0;
    if (isPacket) return this.#take({ kind: "improv", packet: bytes.slice() });
    this.#take({ kind: "text", text: this.#decoder.decode(bytes), endsLine });
  }
}

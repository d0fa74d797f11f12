/** The largest length that MQTT's four bytes can say has a scale of 128 to the third. */
const LENGTH_SCALE_MAX = 128 ** 3;

/** Follows the lengths in a stream of MQTT packets; the parser behind it would collect up to 256 MB for one. */
export class PacketSizes {
  readonly #bytesMax: number;
  #isInLength = false;
  #lengthBytes = 0;
  #scale = 1;
  #bodyLeftBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** False once a packet says that it is too long. */
  accept(chunk: Uint8Array): boolean {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#bodyLeftBytes > 0) {
        const passedBytes = Math.min(this.#bodyLeftBytes, chunk.length - offset);
        this.#bodyLeftBytes -= passedBytes;
        offset += passedBytes;
        continue;
      }
      if (!this.#take(chunk[offset] ?? 0)) return false;
      offset += 1;
    }
    return true;
  }

  /** A byte of a packet's head: first its type, then its length, seven bits at a time, lowest first. */
  #take(byte: number): boolean {
    if (!this.#isInLength) {
      this.#isInLength = true;
      this.#lengthBytes = 0;
      this.#scale = 1;
      return true;
    }
    this.#lengthBytes += (byte & 0x7f) * this.#scale;
    if (this.#lengthBytes > this.#bytesMax || this.#scale > LENGTH_SCALE_MAX) return false;
    this.#scale *= 128;
    if (byte < 0x80) {
      this.#isInLength = false;
      this.#bodyLeftBytes = this.#lengthBytes;
    }
    return true;
  }
}

import { ByteQueue } from "../board/byte-queue.ts";

/** The body of an answer, taken from the server as fast as the feeder takes it: no image is held whole for it. */
export class AnswerBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #held = new ByteQueue();
  #state: "coming" | "whole" | "broken" = "coming";

  constructor(stream: ReadableStream<Uint8Array> | null) {
    this.#reader = stream?.getReader();
    if (stream === null) this.#state = "whole";
  }

  get heldBytes(): number {
    return this.#held.heldBytes;
  }

  /** `whole`: what is held is the rest. `broken`: what is held is all that ever comes. */
  get state(): "coming" | "whole" | "broken" {
    return this.#state;
  }

  /** Until that much is held, or no more comes. */
  async fill(bytes: number): Promise<void> {
    while (this.#state === "coming" && this.heldBytes < bytes) {
      // A server that fails here has sent its status already: the connection just ends.
      const next = await this.#reader?.read().catch(() => undefined);
      if (next === undefined) this.#state = "broken";
      else if (next.done) this.#state = "whole";
      else this.#held.push(next.value);
    }
  }

  take(bytesMax: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(Math.min(bytesMax, this.heldBytes));
    this.#held.read(bytes);
    return bytes;
  }

  /** Nobody reads the rest. */
  cancel(): void {
    this.#held.clear();
    if (this.#state !== "coming") return;
    this.#state = "broken";
    void this.#reader?.cancel().catch(() => {});
  }
}

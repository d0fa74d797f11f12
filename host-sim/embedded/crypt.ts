import { asBytes, callBoard, callForNumber } from "./board-port.ts";

/** `crypt`: native on the board, and native on the host. */
export class Digest {
  readonly #digest: number;

  constructor(type: string) {
    this.#digest = callForNumber("digest.open", type);
  }

  write(bytes: Uint8Array): void {
    callBoard("digest.write", this.#digest, bytes);
  }

  close(): ArrayBuffer {
    return asBytes(callBoard("digest.close", this.#digest)).buffer;
  }
}

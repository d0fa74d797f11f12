import { callBoard, callForNumber } from "./board-port.ts";

/** `embedded:storage/flash`: one partition. */
export class Flash {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  read(buffer: Uint8Array, byteOffset: number): number {
    return callForNumber("flash.read", this.#path, byteOffset, buffer);
  }

  write(buffer: Uint8Array, byteOffset: number): void {
    callBoard("flash.write", this.#path, byteOffset, buffer);
  }

  eraseBlock(start: number): void {
    callBoard("flash.erase", this.#path, start);
  }

  status(): { size: number; blockLength: number } {
    return {
      size: callForNumber("flash.size", this.#path),
      blockLength: callForNumber("flash.block_length"),
    };
  }
}

export default {
  open(options: { path: string }): Flash {
    const flash = new Flash(options.path);
    // Throws where there is no such partition.
    flash.status();
    return flash;
  },
};

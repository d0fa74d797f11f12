import { callBoard } from "./board-port.ts";

/** `embedded:storage/key-value`: one NVS namespace. */
export class Storage {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  read(key: string): string | undefined {
    const value = callBoard("nvs.read", this.#path, key);
    return typeof value === "string" ? value : undefined;
  }

  write(key: string, value: string): void {
    callBoard("nvs.write", this.#path, key, value);
  }

  delete(key: string): void {
    callBoard("nvs.delete", this.#path, key);
  }
}

export default {
  open(options: { path: string }): Storage {
    return new Storage(options.path);
  },
};

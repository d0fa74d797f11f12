/** Stands for embedded:storage/key-value on Linux: kept until the process ends. */
class Storage {
  #entries = new Map();

  read(key) {
    return this.#entries.get(key);
  }
  write(key, value) {
    // The limit of NVS, so that a key that is too long fails here and not first on the board.
    if (key.length > 15) throw new RangeError(`key too long for NVS: ${key}`);
    this.#entries.set(key, value);
  }
  delete(key) {
    this.#entries.delete(key);
  }
  close() {}
}

export default {
  open() {
    return new Storage();
  },
};

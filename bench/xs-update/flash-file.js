import files from "embedded:storage/files";

const sectorBytes = 4096;
/** Of an app slot, as in partitions.csv. */
const sizeBytes = 0x1b0000;

/** Stands for embedded:storage/flash: a partition is a file, because in memory it would be measured too. */
class Flash {
  #file;

  constructor(path) {
    this.#file = files.openFile({ path, mode: "w+" });
  }
  read(buffer, offset) {
    return this.#file.read(buffer, offset);
  }
  write(buffer, offset) {
    this.#file.write(buffer, offset);
  }
  eraseBlock() {}
  status() {
    return { size: sizeBytes, blockLength: sectorBytes };
  }
}

export default {
  open({ path }) {
    return new Flash(path);
  },
};

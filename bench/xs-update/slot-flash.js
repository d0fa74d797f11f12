const sectorBytes = 4096;
/** Of an app slot, as in partitions.csv. */
const sizeBytes = 0x1b0000;

/** Stands for embedded:storage/flash. */
class Flash {
  read(buffer, offset) {
    return native("xs_slot_read").call(this, buffer, offset);
  }
  write(buffer, offset) {
    return native("xs_slot_write").call(this, buffer, offset);
  }
  eraseBlock() {}
  status() {
    return { size: sizeBytes, blockLength: sectorBytes };
  }
}

export default {
  open() {
    return new Flash();
  },
};

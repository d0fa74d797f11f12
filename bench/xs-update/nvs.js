/** Stands for embedded:storage/key-value. */
class Storage {
  read(key) {
    return native("xs_nvs_read").call(this, key);
  }
  write(key, value) {
    return native("xs_nvs_write").call(this, key, value);
  }
  delete(key) {
    return native("xs_nvs_write").call(this, key);
  }
}

export default {
  open() {
    return new Storage();
  },
};

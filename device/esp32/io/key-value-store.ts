import storage from "embedded:storage/key-value";
import type { KeyValueStore } from "../ports.ts";

/** NVS: a key has at most 15 characters, and a write is on flash when it returns. */
export function openKeyValueStore(): KeyValueStore {
  const entries = storage.open({ path: "skyfeeder", format: "string" });
  return {
    read(key) {
      const value = entries.read(key);
      return typeof value === "string" ? value : undefined;
    },
    write: (key, value) => entries.write(key, value),
    delete: (key) => entries.delete(key),
  };
}

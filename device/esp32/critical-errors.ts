import type { SafeModeReason } from "../../protocol/update-reasons.ts";
import { CRITICAL_ERRORS } from "./limits.ts";
import type { FlashPartition, KeyValueStore, Log } from "./ports.ts";

type Failed = (reason: SafeModeReason) => void;

/** A spool whose chip takes nothing more would restart the board at every visit. */
export function watchFlash(flash: FlashPartition, failed: Failed): FlashPartition {
  return {
    sizeBytes: flash.sizeBytes,
    sectorBytes: flash.sectorBytes,
    read: (partitionOffsetBytes, into) => flash.read(partitionOffsetBytes, into),
    program: (partitionOffsetBytes, bytes) =>
      watch(failed, CRITICAL_ERRORS.spool, () => flash.program(partitionOffsetBytes, bytes)),
    eraseSector: (sector) => watch(failed, CRITICAL_ERRORS.spool, () => flash.eraseSector(sector)),
  };
}

export function watchStore(store: KeyValueStore, failed: Failed): KeyValueStore {
  return {
    read: (key) => store.read(key),
    write: (key, value) => watch(failed, CRITICAL_ERRORS.store, () => store.write(key, value)),
    delete: (key) => watch(failed, CRITICAL_ERRORS.store, () => store.delete(key)),
  };
}

/** In safe mode a value that cannot be written is kept until the next restart: the update must still be possible. */
export function keepUnwritten(store: KeyValueStore, log: Log): KeyValueStore {
  const unwritten = new Map<string, string | undefined>();
  const change = (key: string, value: string | undefined, operate: () => void): void => {
    try {
      operate();
      unwritten.delete(key);
    } catch (error) {
      unwritten.set(key, value);
      log.write("warn", "store", `${key}: ${String(error)}`);
    }
  };
  return {
    read: (key) => (unwritten.has(key) ? unwritten.get(key) : store.read(key)),
    write: (key, value) => change(key, value, () => store.write(key, value)),
    delete: (key) => change(key, undefined, () => store.delete(key)),
  };
}

function watch(failed: Failed, reason: SafeModeReason, operate: () => void): void {
  try {
    operate();
  } catch (error) {
    failed(reason);
    throw error;
  }
}

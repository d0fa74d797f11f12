import type { SafeModeReason } from "../../../protocol/update-reasons.ts";
import { crc32 } from "../../amb82-bridge/link/crc32.ts";

/** What one boot tells the next through memory that outlives a reset and no loss of power. */
export interface RetainedNote {
  /** Boots in a row that ended by themselves before the feeder was well. */
  readonly failedBoots: number;
  /** The next restart is wanted: by an update, by a command. */
  readonly restartWanted: boolean;
  /** Set by what can no longer write to flash. */
  readonly safeMode: SafeModeReason | undefined;
  /** The build that was last started while flash could not remember it: the head of its app_elf_sha256, 0 for none. */
  readonly startedBuild: number;
}

export const FIRST_NOTE: RetainedNote = {
  failedBoots: 0,
  restartWanted: false,
  safeMode: undefined,
  startedBuild: 0,
};

/** Their places in the list are what is stored. */
const REASONS: readonly SafeModeReason[] = [
  "boots_failed",
  "updates_failed",
  "commanded",
  "flash_failed",
  "storage_failed",
];

const BUILD_AT = 3;
const CONTENT_BYTES = 7;

/** After a loss of power the memory is noise: its CRC says so. */
export function decodeNote(bytes: Uint8Array): RetainedNote {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (crc32(bytes, 0, CONTENT_BYTES) !== view.getUint32(CONTENT_BYTES, true)) return FIRST_NOTE;
  const [failedBoots = 0, restartWanted = 0, reason = 0] = bytes;
  return {
    failedBoots,
    restartWanted: restartWanted === 1,
    safeMode: REASONS[reason - 1],
    startedBuild: view.getUint32(BUILD_AT, true),
  };
}

export function encodeNote(note: RetainedNote): Uint8Array {
  const bytes = new Uint8Array(CONTENT_BYTES + 4);
  bytes[0] = Math.min(note.failedBoots, 255);
  bytes[1] = note.restartWanted ? 1 : 0;
  bytes[2] = note.safeMode === undefined ? 0 : REASONS.indexOf(note.safeMode) + 1;
  const view = new DataView(bytes.buffer);
  view.setUint32(BUILD_AT, note.startedBuild, true);
  view.setUint32(CONTENT_BYTES, crc32(bytes, 0, CONTENT_BYTES), true);
  return bytes;
}

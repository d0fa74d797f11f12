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
}

export const FIRST_NOTE: RetainedNote = {
  failedBoots: 0,
  restartWanted: false,
  safeMode: undefined,
};

/** Their places in the list are what is stored. */
const REASONS: readonly SafeModeReason[] = [
  "boots_failed",
  "updates_failed",
  "commanded",
  "flash_failed",
  "storage_failed",
];

const CONTENT_BYTES = 3;

/** After a loss of power the memory is noise: its CRC says so. */
export function decodeNote(bytes: Uint8Array): RetainedNote {
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(CONTENT_BYTES, true);
  if (crc32(bytes, 0, CONTENT_BYTES) !== stored) return FIRST_NOTE;
  const [failedBoots = 0, restartWanted = 0, reason = 0] = bytes;
  return { failedBoots, restartWanted: restartWanted === 1, safeMode: REASONS[reason - 1] };
}

export function encodeNote(note: RetainedNote): Uint8Array {
  const bytes = new Uint8Array(CONTENT_BYTES + 4);
  bytes[0] = Math.min(note.failedBoots, 255);
  bytes[1] = note.restartWanted ? 1 : 0;
  bytes[2] = note.safeMode === undefined ? 0 : REASONS.indexOf(note.safeMode) + 1;
  const crc = crc32(bytes, 0, CONTENT_BYTES);
  new DataView(bytes.buffer).setUint32(CONTENT_BYTES, crc, true);
  return bytes;
}

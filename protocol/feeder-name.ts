import { encodeUtf8 } from "./utf8.ts";

export const FEEDER_NAME_BYTES_MAX = 32;

/** What people call a feeder; it is written to logs, terminals and pages. */
export function isFeederName(text: string): boolean {
  const { length } = encodeUtf8(text);
  if (length === 0 || length > FEEDER_NAME_BYTES_MAX || text.trim() !== text) return false;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    // C0, DEL and C1: what a terminal would obey.
    if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)) return false;
  }
  return true;
}

/**
 * A C string in a field of fixed length. What is no visible ASCII becomes U+FFFD: the field comes out of somebody's
 * binary and goes to logs and terminals.
 */
export function readFixedText(field: Uint8Array): string {
  let text = "";
  for (const byte of field) {
    if (byte === 0) break;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "\ufffd";
  }
  return text;
}

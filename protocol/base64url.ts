/** Base64url without padding (RFC 4648, section 5): XS has no atob, and its Uint8Array.fromBase64 is younger than es2022. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Undefined for anything but the one spelling of some bytes: a second spelling would be a second signature. */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let bitCount = 0;
  let at = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return undefined;
    bits = (bits << 6) | value;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes[at++] = bits >> bitCount;
    bits &= (1 << bitCount) - 1;
  }
  return bits === 0 ? bytes : undefined;
}

/** Undefined also for bytes that are no ASCII. */
export function decodeBase64urlAscii(encoded: string): string | undefined {
  const bytes = decodeBase64url(encoded);
  if (bytes === undefined) return undefined;
  let text = "";
  for (const byte of bytes) {
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

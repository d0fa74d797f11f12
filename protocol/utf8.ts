/** UTF-8 (RFC 3629) where no TextEncoder is: pure code that both engines and the simulator run. */

const CONTINUATION_BITS = 6;
const CONTINUATION_MASK = 0x3f;

/** A lone surrogate becomes U+FFFD, as TextEncoder has it. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const character of text) pushCodePoint(bytes, character.codePointAt(0) ?? 0);
  return Uint8Array.from(bytes);
}

function pushCodePoint(bytes: number[], codePoint: number): void {
  if (codePoint < 0x80) {
    bytes.push(codePoint);
  } else if (codePoint < 0x800) {
    bytes.push(0xc0 | (codePoint >> 6), continuation(codePoint));
  } else if (codePoint >= 0xd800 && codePoint < 0xe000) {
    bytes.push(0xef, 0xbf, 0xbd);
  } else if (codePoint < 0x1_0000) {
    bytes.push(0xe0 | (codePoint >> 12), continuation(codePoint >> 6), continuation(codePoint));
  } else {
    const high = [0xf0 | (codePoint >> 18), continuation(codePoint >> 12)];
    bytes.push(...high, continuation(codePoint >> 6), continuation(codePoint));
  }
}

function continuation(bits: number): number {
  return 0x80 | (bits & CONTINUATION_MASK);
}

/** Undefined for what is no UTF-8, overlong forms and surrogates included. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at] ?? 0);
    const codePoint = length === 0 ? undefined : readCodePoint(bytes, at, length);
    if (codePoint === undefined) return undefined;
    text += String.fromCodePoint(codePoint);
    at += length;
  }
  return text;
}

/** 0 for a byte that begins none. */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}

/** The least that needs so many bytes. */
const LEAST = [0, 0, 0x80, 0x800, 0x1_0000] as const;

function readCodePoint(bytes: Uint8Array, at: number, length: number): number | undefined {
  if (at + length > bytes.length) return undefined;
  const first = bytes[at] ?? 0;
  let codePoint = length === 1 ? first : first & (0x7f >> length);
  for (let next = 1; next < length; next++) {
    const byte = bytes[at + next] ?? 0;
    if (byte >> CONTINUATION_BITS !== 0b10) return undefined;
    codePoint = (codePoint << CONTINUATION_BITS) | (byte & CONTINUATION_MASK);
  }
  const isSurrogate = codePoint >= 0xd800 && codePoint < 0xe000;
  const isOverlong = codePoint < (LEAST[length] ?? 0);
  return isSurrogate || isOverlong || codePoint > 0x10_ffff ? undefined : codePoint;
}

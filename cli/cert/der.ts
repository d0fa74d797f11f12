/** DER (ITU-T X.690), as much of it as a certificate needs. */

const LONG_LENGTH = 0x80;
const CONSTRUCTED_CONTEXT = 0xa0;
const PRIMITIVE_CONTEXT = 0x80;
/** UTCTime has two digits for the year (RFC 5280, section 4.1.2.5). */
const UTC_TIME_YEARS_END = 2050;

function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
}

function lengthOf(bytes: number): Buffer {
  if (bytes < LONG_LENGTH) return Buffer.of(bytes);
  const digits = Buffer.from(evenHex(bytes.toString(16)), "hex");
  return Buffer.concat([Buffer.of(LONG_LENGTH | digits.length), digits]);
}

function evenHex(hex: string): string {
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

export function sequence(...elements: readonly Uint8Array[]): Buffer {
  return element(0x30, ...elements);
}

export function set(...elements: readonly Uint8Array[]): Buffer {
  return element(0x31, ...elements);
}

/** Big-endian and never negative: one zero stands before a first bit that is set, and nowhere else. */
export function integer(digits: Uint8Array): Buffer {
  const zeros = digits.findIndex((digit) => digit !== 0);
  const significant = digits.subarray(zeros === -1 ? digits.length : zeros);
  const isPositive = (significant[0] ?? 0x80) < 0x80;
  return element(0x02, Buffer.alloc(isPositive ? 0 : 1), significant);
}

export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return element(0x06, ...[first * 40 + second, ...rest].map(base128));
}

function base128(arc: number): Buffer {
  const digits = [arc & 0x7f];
  for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return Buffer.from(digits);
}

export function utf8String(text: string): Buffer {
  return element(0x0c, Buffer.from(text));
}

export function octetString(...contents: readonly Uint8Array[]): Buffer {
  return element(0x04, ...contents);
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return element(0x03, Buffer.of(unusedBits), bytes);
}

export function isTrue(): Buffer {
  return element(0x01, Buffer.of(0xff));
}

export function time(date: Date): Buffer {
  const digits = `${date.toISOString().replace(/\.\d+|\D/g, "")}Z`;
  return date.getUTCFullYear() < UTC_TIME_YEARS_END
    ? element(0x17, Buffer.from(digits.slice(2)))
    : element(0x18, Buffer.from(digits));
}

export function explicit(number: number, ...elements: readonly Uint8Array[]): Buffer {
  return element(CONSTRUCTED_CONTEXT | number, ...elements);
}

export function implicit(number: number, content: Uint8Array): Buffer {
  return element(PRIMITIVE_CONTEXT | number, content);
}

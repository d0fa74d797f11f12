import { decodeUtf8 } from "../../../protocol/utf8.ts";

const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;
const AMPERSAND = 0x26;
const EQUALS = 0x3d;

/** `application/x-www-form-urlencoded`: the first field of each name; undefined for what is no UTF-8. */
export function readField(form: Uint8Array, name: string): string | undefined {
  for (let at = 0; at <= form.length; ) {
    const end = indexOrEnd(form, AMPERSAND, at);
    const field = form.subarray(at, end);
    const equals = indexOrEnd(field, EQUALS, 0);
    if (decode(field.subarray(0, equals)) === name) return decode(field.subarray(equals + 1));
    at = end + 1;
  }
  return undefined;
}

function indexOrEnd(bytes: Uint8Array, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from);
  return at < 0 ? bytes.length : at;
}

/** A percent sign without two digits stands for itself, as browsers read it. */
function decode(text: Uint8Array): string | undefined {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] ?? 0;
    const escaped = byte === PERCENT ? hexByte(text, at + 1) : undefined;
    bytes[length++] = escaped ?? (byte === PLUS ? SPACE : byte);
    if (escaped !== undefined) at += 2;
  }
  return decodeUtf8(bytes.subarray(0, length));
}

function hexByte(text: Uint8Array, at: number): number | undefined {
  const high = hexDigit(text[at]);
  const low = hexDigit(text[at + 1]);
  return high === undefined || low === undefined ? undefined : high * 16 + low;
}

function hexDigit(byte: number | undefined): number | undefined {
  if (byte === undefined) return undefined;
  const digit = byte - 0x30;
  if (digit >= 0 && digit <= 9) return digit;
  // Either case.
  const letter = (byte | 0x20) - 0x61;
  return letter >= 0 && letter <= 5 ? letter + 10 : undefined;
}

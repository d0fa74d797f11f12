import type { HttpBody } from "./ports.ts";

/** A small text body; our JSON to the server is ASCII. */
export function asciiBody(text: string): HttpBody {
  let at = 0;
  return {
    lengthBytes: text.length,
    read(into) {
      const count = Math.min(into.length, text.length - at);
      for (let index = 0; index < count; index++) into[index] = text.charCodeAt(at + index);
      at += count;
      return count;
    },
  };
}

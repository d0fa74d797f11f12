import type { Random } from "../ports.ts";

/** Consonants only: no word, and nothing that looks like another (RFC 8628, 6.1). */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";
const LENGTH = 8;
const GROUP = 4;

/** As a person reads it off one screen and types it into another: "WDJB-MJHT". */
export function makeClaimCode(random: Random): string {
  let letters = "";
  while (letters.length < LENGTH) {
    for (const byte of random.bytes(LENGTH)) {
      // 240 is twelve times the alphabet: the rest would make some letters likelier.
      if (byte < 240 && letters.length < LENGTH) letters += LETTERS[byte % LETTERS.length];
    }
  }
  return `${letters.slice(0, GROUP)}-${letters.slice(GROUP)}`;
}

/** What somebody typed, as it was made; undefined for what is no code. */
export function readClaimCode(typed: string): string | undefined {
  const letters = typed.toUpperCase().replace(/[\s-]/g, "");
  if (letters.length !== LENGTH || [...letters].some((letter) => !LETTERS.includes(letter))) {
    return undefined;
  }
  return `${letters.slice(0, GROUP)}-${letters.slice(GROUP)}`;
}

import { PORTAL_PASSWORD_LENGTH } from "../limits.ts";
import type { Entropy, KeyValueStore } from "../ports.ts";

/** NVS keys have at most 15 characters. Whoever wants another password writes it there. */
const PASSWORD_KEY = "portalPassword";

/** Read off a log and typed into a phone: none that looks like another. */
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
const HEX = "0123456789abcdef";
const TOKEN_LENGTH = 16;

/** The board's own; made once the radio is on, which is where its chance comes from. */
export function portalPassword(store: KeyValueStore, entropy: Entropy): string {
  const kept = store.read(PASSWORD_KEY);
  if (kept !== undefined && /^[\x20-\x7e]{8,63}$/.test(kept)) return kept;
  const password = draw(LETTERS, PORTAL_PASSWORD_LENGTH, entropy);
  store.write(PASSWORD_KEY, password);
  return password;
}

export function formToken(entropy: Entropy): string {
  return draw(HEX, TOKEN_LENGTH, entropy);
}

/** "SkyFeeder-1A2B": the end of the MAC, which is on the module's lid. */
export function portalNetwork(mac: string): string {
  return `SkyFeeder-${mac
    .replace(/[^0-9a-fA-F]/g, "")
    .slice(-4)
    .toUpperCase()}`;
}

function draw(letters: string, length: number, entropy: Entropy): string {
  let text = "";
  while (text.length < length)
    text += letters[Math.floor(entropy.uniform() * letters.length)] ?? "";
  return text;
}

/** A board's text goes to a terminal, which obeys control characters, and to people, whom invisible ones deceive. */
const COLOUR = new RegExp(`${String.fromCharCode(0x1b)}\\[[0-9;]*m`, "g");
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Without ESP-IDF's colours, and with everything else that cannot be seen made visible. */
export function safeText(text: string): string {
  return text.replace(COLOUR, "").replace(INVISIBLE, show);
}

function show(character: string): string {
  if (character === "\t") return character;
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return hex.length <= 2 ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex}}`;
}

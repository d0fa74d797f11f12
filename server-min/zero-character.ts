import type { Context } from "hono";
import { refuseField } from "./field-refusal.ts";
import type { Refusal } from "./problem-answer.ts";
import { problemAnswer } from "./problem-answer.ts";

/** The one character that Postgres has no text with; here it is refused whatever the database. */
export const ZERO_CHARACTER = "\0";

/** A backslash that is no escaped one, and the rest of the escape: in JSON the character itself is a mistake. */
const ESCAPED_ZERO = /(?<!\\)(?:\\\\)*\\u0000/;

/** In what a request names: its path and its query. */
export function refuseZeroInUrl(c: Context): Response | undefined {
  if (!c.req.url.includes("%00")) return undefined;
  const [field] = Object.entries(c.req.query()).find(hasZero) ?? ["path"];
  return problemAnswer(refuseZero(field));
}

/** In a JSON object, at any depth. */
export function refuseZeroInJson(
  text: string,
  fields: Readonly<Record<string, unknown>>,
): Refusal | undefined {
  if (!ESCAPED_ZERO.test(text)) return undefined;
  return refuseZero(Object.entries(fields).find(hasZero)?.[0]);
}

function hasZero(field: readonly [name: string, value: unknown]): boolean {
  return ESCAPED_ZERO.test(JSON.stringify(field));
}

function refuseZero(field: string | undefined): Refusal {
  return refuseField(field, "has the character U+0000");
}

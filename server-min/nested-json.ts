import { parseJson } from "../protocol/json.ts";

/** Ours has a handful of levels. JSON is written again by recursion, which ends the stack at some thousands. */
const LEVELS_MAX = 500;

/** JSON of a stranger; what is nested without end is none. */
export function parseNested(text: string): unknown {
  // Each level needs two characters: few messages are long enough to be looked at.
  return text.length > 2 * LEVELS_MAX && isTooDeep(text) ? undefined : parseJson(text);
}

function isTooDeep(text: string): boolean {
  let level = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"?|[[{\]}]/gs)) {
    if (token === "[" || token === "{") level += 1;
    else if (token === "]" || token === "}") level -= 1;
    if (level > LEVELS_MAX) return true;
  }
  return false;
}

import * as v from "valibot";
import type { Refusal } from "./problem-answer.ts";
import { refused } from "./problem-answer.ts";

/** Which part of a list is asked for. */
interface Page {
  /** Undefined when the question does not say. */
  readonly limit: number | undefined;
  /** What the part before it told as its `next`. */
  readonly after: string | undefined;
}

export const PAGE_QUERY = v.object({
  limit: v.optional(v.pipe(v.string(), v.regex(/^\d{1,4}$/))),
  after: v.optional(
    v.pipe(v.string(), v.maxLength(400), v.description("`next` of the answer before.")),
  ),
});

export function readPage(query: Readonly<Record<string, string>>, limitMax: number) {
  const checked = v.safeParse(PAGE_QUERY, query);
  if (!checked.success) return refusedFor(String(checked.issues[0].path?.[0].key));
  const limit = checked.output.limit === undefined ? undefined : Number(checked.output.limit);
  const isFit = limit === undefined || (limit >= 1 && limit <= limitMax);
  return isFit ? ({ limit, after: checked.output.after } satisfies Page) : refusedFor("limit");
}

function refusedFor(field: string): Refusal {
  return refused("invalid_request", field);
}

/** Of one row more than was asked for: that one only says that there is more. */
export function cutPage<Row>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (last: Row) => string,
): { readonly shown: readonly Row[]; readonly next: string | undefined } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { shown, next: rows.length > limit && last !== undefined ? cursorOf(last) : undefined };
}

import type { GenericSchema, InferOutput } from "valibot";
import { safeParse } from "valibot";
import type { Checked } from "./json-body.ts";
import { readText, refuseIssue } from "./json-body.ts";
import { refused } from "./problem-answer.ts";

const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i;

/** Reads, bounds and checks what a page's form sends. */
export async function readForm<Schema extends GenericSchema>(
  request: Request,
  schema: Schema,
): Promise<Checked<InferOutput<Schema>>> {
  if (!FORM.test(request.headers.get("Content-Type") ?? "")) {
    return refused("unsupported_media_type", "not a form");
  }
  const text = await readText(request);
  if (typeof text !== "string") return text;
  const checked = safeParse(schema, Object.fromEntries(new URLSearchParams(text)));
  return checked.success ? { kind: "ok", value: checked.output } : refuseIssue(checked.issues[0]);
}

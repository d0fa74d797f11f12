import type { GenericIssue, GenericSchema, InferOutput } from "valibot";
import { safeParse } from "valibot";
import { isRecord } from "../protocol/json.ts";
import { refuseField } from "./field-refusal.ts";
import { parseNested } from "./nested-json.ts";
import type { Refusal } from "./problem-answer.ts";
import { refused } from "./problem-answer.ts";
import { refuseZeroInJson } from "./zero-character.ts";

/** The largest JSON body with a meaning is a few hundred bytes. */
const JSON_BYTES_MAX = 64 * 1024;

export type Checked<Value> = { readonly kind: "ok"; readonly value: Value } | Refusal;

/** Reads, bounds, parses and checks the body of a JSON route. */
export async function readJson<Schema extends GenericSchema>(
  request: Request,
  schema: Schema,
): Promise<Checked<InferOutput<Schema>>> {
  const text = await readText(request);
  return typeof text === "string" ? checkJson(text, schema) : text;
}

/** The same where a request may say nothing: then it says an empty object. */
export async function readOptionalJson<Schema extends GenericSchema>(
  request: Request,
  schema: Schema,
): Promise<Checked<InferOutput<Schema>>> {
  const text = await readText(request);
  return typeof text === "string" ? checkJson(text || "{}", schema) : text;
}

function checkJson<Schema extends GenericSchema>(
  text: string,
  schema: Schema,
): Checked<InferOutput<Schema>> {
  const value = parseNested(text);
  if (value === undefined) return refused("invalid_json");
  if (!isRecord(value)) return refused("invalid_request", "the body must be a JSON object");
  const zero = refuseZeroInJson(text, value);
  if (zero !== undefined) return zero;
  const checked = safeParse(schema, value);
  return checked.success ? { kind: "ok", value: checked.output } : refuseIssue(checked.issues[0]);
}

export function refuseIssue(issue: GenericIssue): Refusal {
  return refuseField(issue.path?.[0]?.key, issue.message);
}

export async function readText(request: Request): Promise<string | Refusal> {
  const tooLarge = refused("body_too_large", `at most ${JSON_BYTES_MAX} bytes`);
  const length = request.headers.get("Content-Length");
  if (length === null) return readUntilTooLarge(request, tooLarge);
  if (Number(length) > JSON_BYTES_MAX) return tooLarge;
  // On a socket no more than this length arrives; read as a stream, it would cost as much as all the rest of a request.
  const text = await request.text().catch(() => undefined);
  if (text === undefined) return refused("length_mismatch");
  return Buffer.byteLength(text) > JSON_BYTES_MAX ? tooLarge : text;
}

/** Of a body that does not say how long it is. */
async function readUntilTooLarge(request: Request, tooLarge: Refusal): Promise<string | Refusal> {
  if (request.body === null) return "";
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    // A client that goes away fails the read; that is a short body, not a fault of the server.
    const part = await reader.read().catch(() => undefined);
    if (part === undefined) return refused("length_mismatch");
    if (part.done) return Buffer.concat(chunks).toString();
    bytes += part.value.length;
    if (bytes > JSON_BYTES_MAX) return tooLarge;
    chunks.push(part.value);
  }
}

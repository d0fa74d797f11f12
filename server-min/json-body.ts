import type { GenericIssue, GenericSchema, InferOutput } from "valibot";
import { safeParse } from "valibot";
import { isRecord, parseJson } from "../protocol/json.ts";
import type { ProblemCode } from "../protocol/problem.ts";
import type { Refusal } from "./problem-answer.ts";
import { refused } from "./problem-answer.ts";

/** The largest JSON body with a meaning is a few hundred bytes. */
const JSON_BYTES_MAX = 64 * 1024;

const FIELD_CODES: ReadonlyMap<unknown, ProblemCode> = new Map([
  ["deviceId", "invalid_device_id"],
  ["objectKey", "invalid_key"],
]);

export type Checked<Value> = { readonly kind: "ok"; readonly value: Value } | Refusal;

/** Reads, bounds, parses and checks the body of a JSON route. */
export async function readJson<Schema extends GenericSchema>(
  request: Request,
  schema: Schema,
): Promise<Checked<InferOutput<Schema>>> {
  const text = await readText(request);
  if (text === undefined) return refused("body_too_large", `at most ${JSON_BYTES_MAX} bytes`);
  const value = parseJson(text);
  if (value === undefined) return refused("invalid_json");
  if (!isRecord(value)) return refused("invalid_request", "the body must be a JSON object");
  const checked = safeParse(schema, value);
  return checked.success ? { kind: "ok", value: checked.output } : refuseIssue(checked.issues[0]);
}

function refuseIssue(issue: GenericIssue): Refusal {
  const field = issue.path?.[0]?.key;
  return refused(FIELD_CODES.get(field) ?? "invalid_request", `${String(field)}: ${issue.message}`);
}

/** Undefined when the body is longer than it may be, whatever its Content-Length said. */
async function readText(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get("Content-Length") ?? 0) > JSON_BYTES_MAX) return undefined;
  if (request.body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.length;
    if (bytes > JSON_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

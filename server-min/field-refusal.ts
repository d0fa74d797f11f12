import type { ProblemCode } from "../protocol/problem.ts";
import type { Refusal } from "./problem-answer.ts";
import { refused } from "./problem-answer.ts";

const FIELD_CODES: ReadonlyMap<unknown, ProblemCode> = new Map([
  ["deviceId", "invalid_device_id"],
  ["objectKey", "invalid_key"],
]);

/** Of a body or a query. */
export function refuseField(field: unknown, message: string): Refusal {
  return refused(FIELD_CODES.get(field) ?? "invalid_request", `${String(field)}: ${message}`);
}

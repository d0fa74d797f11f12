import type { Problem, ProblemCode } from "../protocol/problem.ts";
import { PROBLEM_STATUS } from "../protocol/problem.ts";

/** An expected refusal, on its way to becoming an answer. */
export interface Refusal {
  readonly kind: "refused";
  readonly code: ProblemCode;
  readonly detail?: string;
}

export function refused(code: ProblemCode, detail?: string): Refusal {
  return detail === undefined ? { kind: "refused", code } : { kind: "refused", code, detail };
}

export function problemAnswer(
  refusal: Refusal,
  headers: Readonly<Record<string, string>> = {},
  status: number = PROBLEM_STATUS[refusal.code],
): Response {
  const { code, detail } = refusal;
  const words = code.replaceAll("_", " ");
  const problem: Problem = {
    type: `urn:skyfeeder:problem:${code}`,
    title: words.charAt(0).toUpperCase() + words.slice(1),
    status,
    code,
    ...(detail !== undefined && { detail }),
  };
  return new Response(JSON.stringify(problem), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
}

import type { Problem, ProblemCode } from "../protocol/problem.ts";
import { PROBLEM_STATUS } from "../protocol/problem.ts";

export const PROBLEM_TYPE = "application/problem+json";

/** An expected refusal, on its way to becoming an answer. */
export interface Refusal {
  readonly kind: "refused";
  readonly code: ProblemCode;
  readonly detail?: string;
  /** Ids of the devices it is about. */
  readonly devices?: readonly string[];
}

export function refused(code: ProblemCode, detail?: string): Refusal {
  return detail === undefined ? { kind: "refused", code } : { kind: "refused", code, detail };
}

export function problemAnswer(
  refusal: Refusal,
  headers: Readonly<Record<string, string>> = {},
  status: number = PROBLEM_STATUS[refusal.code],
): Response {
  return new Response(JSON.stringify(describeProblem(refusal, status)), {
    status,
    headers: { "Content-Type": PROBLEM_TYPE, ...challenge(status), ...headers },
  });
}

export function describeProblem(
  { code, detail, devices }: Refusal,
  status: number = PROBLEM_STATUS[code],
): Problem {
  const words = code.replaceAll("_", " ");
  return {
    type: `urn:skyfeeder:problem:${code}`,
    title: words.charAt(0).toUpperCase() + words.slice(1),
    status,
    code,
    ...(detail !== undefined && { detail }),
    ...(devices !== undefined && { devices }),
  };
}

/** Every 401 says what would help (RFC 9110, 11.6.1). */
function challenge(status: number): Readonly<Record<string, string>> {
  return status === 401 ? { "WWW-Authenticate": "Bearer" } : {};
}

import { type Failure, reportFailure } from "./failure.ts";

/** What a command came to: a value to print, or why there is none. */
export type Outcome<Value> = { readonly kind: "done"; readonly value: Value } | Failed;

export interface Failed {
  readonly kind: "failed";
  readonly failure: Failure;
}

export function done<Value>(value: Value): Outcome<Value> {
  return { kind: "done", value };
}

export function failed(
  code: string,
  message: string,
  hint: string,
  exitCode: Failure["exitCode"],
): Failed {
  return { kind: "failed", failure: { code, message, hint, exitCode } };
}

/** The value as JSON or as text on standard output; a failure as `reportFailure` does. */
export function printOutcome<Value>(
  outcome: Outcome<Value>,
  asJson: boolean | undefined,
  toText: (value: Value) => string,
): void {
  if (outcome.kind === "failed") return reportFailure(outcome.failure, asJson === true);
  const { value } = outcome;
  process.stdout.write(`${asJson === true ? JSON.stringify(value) : toText(value)}\n`);
}

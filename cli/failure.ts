/** Exit codes of the command: part of its contract. */
export const EXIT = { failed: 1, usage: 2, missing: 3, notFound: 4, timedOut: 5 } as const;

/** What a command says when it cannot do its work; `code` is stable. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** The next step. */
  readonly hint: string;
  readonly exitCode: (typeof EXIT)[keyof typeof EXIT];
}

/** One JSON value on standard output, or two lines on standard error. */
export function reportFailure(failure: Failure, asJson: boolean): void {
  const { code, message, hint, exitCode } = failure;
  if (asJson) process.stdout.write(`${JSON.stringify({ error: { code, message, hint } })}\n`);
  else process.stderr.write(`error: ${message} (${code})\ntry: ${hint}\n`);
  process.exitCode = exitCode;
}

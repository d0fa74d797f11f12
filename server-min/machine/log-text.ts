import { StoreUnavailable } from "../storage/store-unavailable.ts";

/** What stands where a secret was. */
const GONE = "[secret]";

/** Where a secret stands in a text of ours or of a library: in an address, a header, a setting. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/(\/fput\/)[^\s/?#"'<>]+/g, `$1${GONE}`],
  [/([?&](?:token|key|secret|password|sig|signature|X-Amz-[\w-]+)=)[^\s&#"'<>]+/gi, `$1${GONE}`],
  [/(:\/\/)[^\s/@"'<>]*@/g, `$1${GONE}@`],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${GONE}`],
  [/\b(authorization|cookie|set-cookie|x-api-key)(["']?\s*[:=]\s*)[^\n\r]+/gi, `$1$2${GONE}`],
  [/\b(\w*(?:password|secret|passwd)\w*)(["']?\s*[:=]\s*["']?)[^\s"',}]+/gi, `$1$2${GONE}`],
  [/\beyJ[\w-]+\.[\w-]*\.?[\w-]*/g, GONE],
];

/** Everything that a terminal or a reader of lines obeys, but for line ends. */
const CONTROLS = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The text as it may stand in a log: without secrets, and with nothing in it but text. */
export function loggable(text: string): string {
  return printable(SECRETS.reduce((rest, [secret, put]) => rest.replace(secret, put), text));
}

export function printable(text: string): string {
  const visible = text.replace(CONTROLS, (control) => {
    return `\\u{${control.codePointAt(0)?.toString(16)}}`;
  });
  // No part of a text starts where a line of the log does.
  return visible.replace(/\n(?=\S)/g, "\n  ");
}

/** An error with its stack, and those that caused it with theirs; a store that is away has no bug to be found. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof StoreUnavailable) return error.message;
  const { cause } = error;
  const causes =
    error instanceof AggregateError ? error.errors : cause === undefined ? [] : [cause];
  return [
    error.stack ?? String(error),
    ...causes.map((one) => `caused by ${describeError(one)}`),
  ].join("\n");
}

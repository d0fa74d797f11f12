/** What the doctor looked at: `note` is worth knowing and stops nobody, `wrong` is to be mended. */
export interface Check {
  readonly name: string;
  readonly state: "ok" | "note" | "wrong";
  readonly detail: string;
  /** The next step, of all that is not ok. */
  readonly hint?: string;
}

export function ok(name: string, detail: string): Check {
  return { name, state: "ok", detail };
}

export function note(name: string, detail: string, hint: string): Check {
  return { name, state: "note", detail, hint };
}

export function wrong(name: string, detail: string, hint: string): Check {
  return { name, state: "wrong", detail, hint };
}

const NAME_WIDTH = 14;

export function checkLines(checks: readonly Check[]): string[] {
  return checks.flatMap(({ name, state, detail, hint }) => {
    const line = `${state.padEnd(6)}${name.padEnd(NAME_WIDTH)}${detail}`;
    return hint === undefined ? [line] : [line, `${" ".repeat(6 + NAME_WIDTH)}try: ${hint}`];
  });
}

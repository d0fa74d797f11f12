/** One measured figure; `of` names the peer or floor that was measured in the same run. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly of?: string;
  readonly ratio?: number;
}

/** One JSON value with --json, else a line a row. */
export function printRows(rows: readonly BenchRow[]): void {
  if (process.argv.includes("--json")) {
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  for (const { name, value, unit, of, ratio } of rows) {
    const beside = of === undefined ? "" : `  ${round(ratio ?? 0)} of ${of}`;
    process.stdout.write(`${name.padEnd(28)} ${round(value)} ${unit}${beside}\n`);
  }
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

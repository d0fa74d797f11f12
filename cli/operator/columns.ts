/** What a server says goes to a terminal, which obeys control characters. */
const CONTROLS = /\p{Cc}/gu;

/** Rows with their columns below each other; `none` when there are no rows. */
export function columns(rows: readonly (readonly string[])[], none: string): string {
  if (rows.length === 0) return none;
  const plain = rows.map((row) => row.map((cell) => cell.replace(CONTROLS, "?")));
  const widths = (plain[0] ?? []).map((_, at) =>
    Math.max(...plain.map((row) => row[at]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ");
  return plain.map((row) => line(row).trimEnd()).join("\n");
}

/** A time of the API, in milliseconds; 0 is never. */
export function moment(ts: unknown): string {
  if (typeof ts !== "number" || ts <= 0) return "never";
  return new Date(ts).toISOString().replace(/\.\d+/, "");
}

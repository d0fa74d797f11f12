/** Reading what came from outside, field by field: undefined when it is not what was expected. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === "string" ? value : undefined;
}

export function numberIn(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** Undefined when one item cannot be read: half an answer would look like the whole. */
export function listIn<T>(
  fields: Fields,
  name: string,
  parseItem: (item: unknown) => T | undefined,
): readonly T[] | undefined {
  const values = fields[name];
  if (!Array.isArray(values)) return undefined;
  const items: T[] = [];
  for (const value of values) {
    const item = parseItem(value);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

import { isRecord } from "../../protocol/json.ts";

type Schema = Readonly<Record<string, unknown>>;

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isRecord,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
};

const FORMATS: Readonly<Record<string, RegExp>> = {
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uri: /^[a-z]+:\S+$/,
};

/**
 * Where a value is not what its JSON Schema says; the keywords are those that our document has, another one throws. A
 * field that is not described is a mismatch too: answers of ours have no secret fields.
 */
export function mismatches(value: unknown, schema: Schema, root: Schema, at = "$"): string[] {
  return Object.entries(schema).flatMap(([keyword, expected]) => {
    const rule = RULES[keyword];
    if (rule === undefined) throw new Error(`${at}: no rule for ${keyword}`);
    return rule({ value, expected, schema, root, at });
  });
}

interface Case {
  readonly value: unknown;
  /** What the keyword says. */
  readonly expected: unknown;
  readonly schema: Schema;
  readonly root: Schema;
  readonly at: string;
}

const RULES: Readonly<Record<string, (one: Case) => string[]>> = {
  description: () => [],
  default: () => [],
  propertyNames: () => [],
  required: () => [],
  type: (one) => unless(TYPES[String(one.expected)]?.(one.value), one),
  const: (one) => unless(one.value === one.expected, one),
  enum: (one) => unless((one.expected as unknown[]).includes(one.value), one),
  pattern: (one) => unless(new RegExp(String(one.expected)).test(String(one.value)), one),
  format: (one) => unless(FORMATS[String(one.expected)]?.test(String(one.value)), one),
  minimum: (one) => unless(Number(one.value) >= Number(one.expected), one),
  maximum: (one) => unless(Number(one.value) <= Number(one.expected), one),
  multipleOf: (one) => unless(Number(one.value) % Number(one.expected) === 0, one),
  minLength: (one) => unless(String(one.value).length >= Number(one.expected), one),
  maxLength: (one) => unless(String(one.value).length <= Number(one.expected), one),
  maxItems: (one) => unless((one.value as unknown[]).length <= Number(one.expected), one),
  items: ({ value, expected, root, at }) =>
    (value as unknown[]).flatMap((item, index) =>
      mismatches(item, expected as Schema, root, `${at}[${index}]`),
    ),
  anyOf: (one) => unless(countMatching(one) > 0, one),
  oneOf: (one) => unless(countMatching(one) === 1, one),
  properties: checkProperties,
  additionalProperties: () => [],
  $ref: ({ value, expected, root, at }) =>
    mismatches(value, resolve(String(expected), root), root, at),
};

function countMatching({ value, expected, root, at }: Case): number {
  return (expected as Schema[]).filter((part) => mismatches(value, part, root, at).length === 0)
    .length;
}

function checkProperties({ value, expected, schema, root, at }: Case): string[] {
  if (!isRecord(value)) return [];
  const properties = expected as Readonly<Record<string, Schema>>;
  const required = (schema.required ?? []) as string[];
  const missing = required.filter((name) => !(name in value)).map((name) => `${at}: no ${name}`);
  const wrong = Object.entries(value).flatMap(([name, part]) => {
    const property = properties[name];
    if (property !== undefined) return mismatches(part, property, root, `${at}.${name}`);
    return schema.additionalProperties === undefined ? [`${at}: ${name} is not described`] : [];
  });
  return [...missing, ...wrong];
}

export function resolve(ref: string, root: Schema): Schema {
  let found: unknown = root;
  for (const name of ref.replace(/^#\//, "").split("/")) found = isRecord(found) && found[name];
  if (!isRecord(found)) throw new Error(`${ref} leads nowhere`);
  return found;
}

function unless(isRight: boolean | undefined, { value, expected, at }: Case): string[] {
  return isRight === true ? [] : [`${at}: ${JSON.stringify(value)} is not ${expected}`];
}

import * as v from "valibot";

/** Fields of answers, which nothing checks: they are described. */
export const TEXT = v.string();
export const COUNT = v.pipe(v.number(), v.integer(), v.minValue(0));
export const TIME = v.pipe(v.string(), v.metadata({ format: "date-time" }));
export const DATE = v.pipe(v.string(), v.metadata({ format: "date" }));
export const TS = v.pipe(v.number(), v.integer(), v.description("Milliseconds since the epoch."));
export const SECONDS = v.pipe(COUNT, v.description("Seconds."));
export const URL_TEXT = v.pipe(v.string(), v.metadata({ format: "uri" }));

export function orNull<Schema extends v.GenericSchema>(schema: Schema) {
  return v.nullable(schema);
}

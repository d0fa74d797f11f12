import type { Compilable, Kysely } from "kysely";
import type { Database } from "./schema.ts";

/**
 * Builds the text of a query once: building it takes twice as long as running it. The parameters take the places of the
 * values it was built with, in their order.
 */
export function prepareQuery<Row>(sql: Kysely<Database>, query: Compilable<Row>) {
  const compiled = query.compile();
  return async (...parameters: readonly unknown[]): Promise<readonly Row[]> =>
    (await sql.executeQuery<Row>({ ...compiled, parameters })).rows;
}

import type { Compilable, CompiledQuery, Kysely } from "kysely";
import type { Database } from "./schema.ts";

type Sql = Kysely<Database>;

/**
 * Builds the text of a query once: building it takes twice as long as running it. The parameters take the places of the
 * values it was built with, in their order.
 */
export function prepareQuery<Row>(sql: Sql, query: Compilable<Row>) {
  const compiled = query.compile();
  return (...parameters: readonly unknown[]) => execute(sql, compiled, parameters);
}

/** The same for a query that is asked of whichever database comes: its text is built at the first use of each. */
export function preparedFor<Row>(build: (sql: Sql) => Compilable<Row>) {
  const texts = new WeakMap<Sql, CompiledQuery<Row>>();
  return async (sql: Sql, ...parameters: readonly unknown[]): Promise<readonly Row[]> => {
    const compiled = texts.get(sql) ?? build(sql).compile();
    texts.set(sql, compiled);
    return execute(sql, compiled, parameters);
  };
}

/** Runs one statement; its rows, none when it has none. */
type RunStatement = (text: string, parameters: readonly unknown[]) => readonly unknown[];

const direct = new WeakMap<Sql, RunStatement>();

/** For a database that answers within the call: the way through the query builder's driver costs more than the query. */
export function runDirectly(sql: Sql, run: RunStatement): void {
  direct.set(sql, run);
}

async function execute<Row>(
  sql: Sql,
  query: CompiledQuery<Row>,
  parameters: readonly unknown[],
): Promise<readonly Row[]> {
  const run = direct.get(sql);
  if (run !== undefined) return run(query.sql, parameters) as readonly Row[];
  return (await sql.executeQuery<Row>({ ...query, parameters })).rows;
}

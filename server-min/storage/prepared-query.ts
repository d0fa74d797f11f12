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

/** The same for a write that many make at once: where the database does not do so itself, they share a commit. */
export function preparedWrite<Row>(build: (sql: Sql) => Compilable<Row>) {
  const runAlone = preparedFor(build);
  const texts = new WeakMap<Sql, string>();
  return async (sql: Sql, ...parameters: readonly unknown[]): Promise<readonly Row[]> => {
    const runGrouped = direct.get(sql)?.runGrouped;
    if (runGrouped === undefined) return runAlone(sql, ...parameters);
    const text = texts.get(sql) ?? build(sql).compile().sql;
    texts.set(sql, text);
    return (await runGrouped(text, parameters)) as readonly Row[];
  };
}

/** Each runs one statement; its rows, none when it has none. */
interface DirectDatabase {
  run(text: string, parameters: readonly unknown[]): readonly unknown[];
  runGrouped(text: string, parameters: readonly unknown[]): Promise<readonly unknown[]>;
}

const direct = new WeakMap<Sql, DirectDatabase>();

/** For a database that answers within the call: the way through the query builder's driver costs more than the query. */
export function runDirectly(sql: Sql, database: DirectDatabase): void {
  direct.set(sql, database);
}

async function execute<Row>(
  sql: Sql,
  query: CompiledQuery<Row>,
  parameters: readonly unknown[],
): Promise<readonly Row[]> {
  const database = direct.get(sql);
  if (database !== undefined) return database.run(query.sql, parameters) as readonly Row[];
  return (await sql.executeQuery<Row>({ ...query, parameters })).rows;
}

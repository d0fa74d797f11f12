import type { PostgresPool, PostgresPoolClient } from "kysely";
import type { Pool, PoolClient } from "pg";
import { DatabaseError } from "pg";
import { StoreUnavailable } from "./store-unavailable.ts";

/**
 * SQLSTATEs that are about the server and not about the statement: connection, resources, shutdown and failures of the
 * system; 57014 is a statement that was stopped for its time, 25006 a server that only lends its data to read.
 */
const TROUBLE = /^(08|53|57P|58)|^(57014|25006)$/;

/** The pool, which tells a database that is away apart from a mistake in a statement. */
export function tellUnavailable(pool: Pool): PostgresPool {
  return {
    options: pool.options,
    connect: () =>
      pool.connect().then(watchClient, (error: unknown) => {
        throw unavailable(error);
      }),
    end: () => pool.end(),
  };
}

function watchClient(client: PoolClient): PostgresPoolClient {
  let lost: StoreUnavailable | undefined;
  const query = async (text: string, values: readonly unknown[]) => {
    // A transaction is rolled back on the connection that failed it, which would only be waited for again.
    if (lost !== undefined) throw lost;
    return client.query(text, [...values]).catch((error: unknown) => {
      if (!isTrouble(error)) throw error;
      lost = unavailable(error);
      throw lost;
    });
  };
  return {
    // Nobody here reads rows by a cursor, the other thing that this may be given.
    query: query as unknown as PostgresPoolClient["query"],
    // Whatever a connection still waits for, the next one to use it would wait for too.
    release: (destroy) => client.release(destroy === true || lost !== undefined),
  };
}

/** The driver says what became of a connection as a plain Error; a value that it cannot send is a TypeError. */
function isTrouble(error: unknown): boolean {
  if (error instanceof DatabaseError) return TROUBLE.test(error.code ?? "");
  return error instanceof Error && error.name === "Error";
}

function unavailable(cause: unknown): StoreUnavailable {
  // A name with several addresses fails once an address, and says nothing itself.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  const said = first instanceof Error ? first.message : String(first);
  return new StoreUnavailable(`the database does not answer: ${said}`, { cause: first });
}

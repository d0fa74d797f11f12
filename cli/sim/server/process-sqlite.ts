import {
  type DatabaseConnection,
  type Driver,
  Kysely,
  type SqliteDatabase,
  SqliteDialect,
} from "kysely";
import type { ServerProcess } from "../../../host-sim/peers/server-process.ts";
import type { Database } from "../../../server-min/storage/schema.ts";

/** The database as one process of the server has it: each statement that writes is a step in which it may end. */
export function openForProcess(database: SqliteDatabase, process: ServerProcess): Kysely<Database> {
  return new Kysely<Database>({ dialect: new ProcessDialect(database, process) });
}

class ProcessDialect extends SqliteDialect {
  readonly #process: ServerProcess;

  constructor(database: SqliteDatabase, process: ServerProcess) {
    super({ database });
    this.#process = process;
  }

  override createDriver(): Driver {
    const driver = super.createDriver();
    const acquire = driver.acquireConnection.bind(driver);
    driver.acquireConnection = async () => ofProcess(await acquire(), this.#process);
    return driver;
  }
}

function ofProcess(connection: DatabaseConnection, process: ServerProcess): DatabaseConnection {
  return {
    executeQuery: (query) => {
      const run = () => connection.executeQuery<never>(query);
      return /^select\b/i.test(query.sql) ? process.look(run) : process.step(run);
    },
    streamQuery: connection.streamQuery.bind(connection),
  };
}

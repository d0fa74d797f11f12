import { join } from "node:path";
import { openSqlite } from "../../server-min/storage/node-sqlite.ts";
import { makeFolder } from "./started-server.ts";

/** The folder of a server that has seen 2,001 devices, which is more than two pages. */
export async function makeBigFleet(): Promise<string> {
  const folder = await makeFolder();
  const sql = openSqlite(join(folder, "skyfeeder.db"));
  const rows = Array.from({ length: 2_001 }, (_, n) => ({
    device_id: `feeder-${1000 + n}`,
    last_seen_ms: 0,
  }));
  await sql.insertInto("devices").values(rows).execute();
  await sql.destroy();
  return folder;
}

import type { Kysely } from "kysely";
import { isFeederName } from "../../protocol/feeder-name.ts";
import { isRecord } from "../../protocol/json.ts";
import type { AppPorts } from "../ports.ts";
import type { Database } from "../storage/schema.ts";

/**
 * A feeder says in a heartbeat how it was called when it was set up, and by an empty name that it is called nothing any
 * more; an operator's name goes before.
 */
export function followNames({
  rooms,
  sql,
  background,
}: Pick<AppPorts, "rooms" | "sql" | "background">): void {
  rooms.listen((deviceId, { type, payload }) => {
    if (type !== "event.heartbeat" || !isRecord(payload)) return;
    const { name } = payload;
    if (typeof name !== "string" || (name !== "" && !isFeederName(name))) return;
    background.run(() => keepToldName(sql, deviceId, name === "" ? null : name));
  });
}

/** The same name again costs no write. */
async function keepToldName(
  sql: Kysely<Database>,
  deviceId: string,
  name: string | null,
): Promise<void> {
  await sql
    .updateTable("devices")
    .set({ told_name: name })
    .where("device_id", "=", deviceId)
    .where("told_name", "is distinct from", name)
    .execute();
}

/**
 * Null takes an operator's name back; undefined where there is no such device. `given` is what an operator had called
 * it, and `name` what it is called now.
 */
export async function giveName(
  sql: Kysely<Database>,
  deviceId: string,
  name: string | null,
): Promise<{ readonly given: string | null; readonly name: string | null } | undefined> {
  return sql.transaction().execute(async (transaction) => {
    const known = await transaction
      .selectFrom("devices")
      .select(["given_name as given", "told_name as told"])
      .where("device_id", "=", deviceId)
      .executeTakeFirst();
    if (known === undefined) return undefined;
    await transaction
      .updateTable("devices")
      .set({ given_name: name })
      .where("device_id", "=", deviceId)
      .execute();
    return { given: known.given, name: name ?? known.told };
  });
}

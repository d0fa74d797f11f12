import type { Kysely, Selectable } from "kysely";
import type { Database } from "./schema.ts";

type Sql = Kysely<Database>;
export type Enrolment = Selectable<Database["enrolments"]>;

/** Of one device at one address: it starts anew after each power cut. Of all: some 200 kB. */
const OPEN_OF_DEVICE_MAX = 5;
const OPEN_MAX = 1_000;

/**
 * Makes room as it goes: what expired, and the oldest undecided when there are more than anybody would look through. What
 * others ask for under a device's name takes neither its place nor the token that it was just granted.
 */
export async function insertEnrolment(sql: Sql, enrolment: Enrolment): Promise<void> {
  await sql
    .deleteFrom("enrolments")
    .where("expires_at_ms", "<=", enrolment.requested_at_ms)
    .execute();
  await deleteAllButNewest(sql, OPEN_MAX - 1);
  await deleteAllButNewest(sql, OPEN_OF_DEVICE_MAX - 1, enrolment);
  await sql.insertInto("enrolments").values(enrolment).execute();
}

async function deleteAllButNewest(
  sql: Sql,
  count: number,
  of?: Pick<Enrolment, "device_id" | "address">,
): Promise<void> {
  const newest = sql
    .selectFrom("enrolments as newest")
    .select("newest.device_code_sha256")
    .where("newest.decision", "is", null)
    .$if(of !== undefined, (rows) =>
      rows
        .where("newest.device_id", "=", of?.device_id ?? "")
        .where("newest.address", "=", of?.address ?? ""),
    )
    .orderBy("newest.requested_at_ms", "desc")
    .limit(count);
  await sql
    .deleteFrom("enrolments")
    .where("decision", "is", null)
    .$if(of !== undefined, (rows) =>
      rows.where("device_id", "=", of?.device_id ?? "").where("address", "=", of?.address ?? ""),
    )
    .where("device_code_sha256", "not in", newest)
    .execute();
}

/** Those that nobody has decided, newest first. */
export async function openEnrolments(sql: Sql, nowMs: number): Promise<Enrolment[]> {
  return sql
    .selectFrom("enrolments")
    .selectAll()
    .where("decision", "is", null)
    .where("expires_at_ms", ">", nowMs)
    .orderBy("requested_at_ms", "desc")
    .orderBy("claim_code")
    .execute();
}

export async function enrolmentOfDevice(
  sql: Sql,
  device: { readonly deviceId: string; readonly codeHash: string; readonly nowMs: number },
): Promise<Enrolment | undefined> {
  return sql
    .selectFrom("enrolments")
    .selectAll()
    .where("device_code_sha256", "=", device.codeHash)
    .where("device_id", "=", device.deviceId)
    .where("expires_at_ms", ">", device.nowMs)
    .executeTakeFirst();
}

/** Ends what was let in under this name before: its code would go on to be good for tokens. */
export async function forgetApproved(
  sql: Sql,
  deviceId: string,
  decided?: Pick<Enrolment, "device_code_sha256">,
): Promise<void> {
  await sql
    .deleteFrom("enrolments")
    .where("device_id", "=", deviceId)
    .where("decision", "=", "approved")
    .where("device_code_sha256", "!=", decided?.device_code_sha256 ?? "")
    .execute();
}

/** The enrolment as decided; undefined when there is none of this code that is still open. */
export async function decideEnrolment(
  sql: Sql,
  claimCode: string,
  made: { readonly decision: "approved" | "denied"; readonly nowMs: number },
): Promise<Enrolment | undefined> {
  return sql
    .updateTable("enrolments")
    .set({ decision: made.decision })
    .where("claim_code", "=", claimCode)
    .where("decision", "is", null)
    .where("expires_at_ms", ">", made.nowMs)
    .returningAll()
    .executeTakeFirst();
}

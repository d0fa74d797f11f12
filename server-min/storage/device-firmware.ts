import type { Insertable, Kysely } from "kysely";
import type { Channel } from "../../protocol/update-manifest.ts";
import { preparedFor } from "./prepared-query.ts";
import type { Database, DeviceFirmware } from "./schema.ts";

type Sql = Kysely<Database>;

/** What check-update tells of a device; the rest of its row comes by heartbeats and reports. */
export type CheckedFirmware = Pick<
  DeviceFirmware,
  | "device_id"
  | "version"
  | "elf_sha256"
  | "previous_elf_sha256"
  | "board"
  | "chip"
  | "channel"
  | "slot_bytes"
  | "other_slot_bytes"
  | "sequence"
  | "ledger"
  | "told_at_ms"
  | "checked_at_ms"
>;

const deviceRow = preparedFor((sql) =>
  sql.selectFrom("device_firmware").selectAll().where("device_id", "=", ""),
);

export async function firmwareOfDevice(
  sql: Sql,
  deviceId: string,
): Promise<DeviceFirmware | undefined> {
  const [row] = await deviceRow(sql, deviceId);
  return row;
}

const TOLD_IN_ROOM = [
  "version",
  "elf_sha256",
  "previous_elf_sha256",
  "slot",
  "boot_count",
  "boot_count_before",
  "confirmed",
  "status",
  "reason",
  "safe_mode",
  "update_version",
] as const;

/** The columns that messages in the room may change: a row whole takes twice as long to read, each minute. */
export type ToldInRoom = Pick<DeviceFirmware, (typeof TOLD_IN_ROOM)[number]>;

const toldRow = preparedFor((sql) =>
  sql.selectFrom("device_firmware").select(TOLD_IN_ROOM).where("device_id", "=", ""),
);

export async function toldInRoom(sql: Sql, deviceId: string): Promise<ToldInRoom | undefined> {
  const [row] = await toldRow(sql, deviceId);
  return row;
}

/** Writes these columns of a device's row and leaves the others, so that two who write do not undo each other. */
export async function putFirmware(
  sql: Sql,
  told: Insertable<Database["device_firmware"]>,
): Promise<void> {
  const columns = (Object.keys(told) as Column[]).filter((column) => told[column] !== undefined);
  const name = columns.join();
  const put = puts.get(name) ?? preparePut(columns);
  puts.set(name, put);
  await put(sql, ...columns.map((column) => told[column]));
}

type Column = keyof Database["device_firmware"];

/** By the columns they write: heartbeats, reports and commands each have theirs. */
const puts = new Map<string, ReturnType<typeof preparePut>>();

function preparePut(columns: readonly Column[]) {
  // Only the shape counts: the values are places for those that come.
  const sample = Object.fromEntries(columns.map((column) => [column, null]));
  return preparedFor((sql) =>
    sql
      .insertInto("device_firmware")
      .values({ ...sample, device_id: "" })
      .onConflict((known) =>
        known
          .column("device_id")
          .doUpdateSet(({ ref }) =>
            Object.fromEntries(columns.map((column) => [column, ref(`excluded.${column}`)])),
          ),
      ),
  );
}

/** By device id: those that told a version. */
export async function listFirmware(
  sql: Sql,
  { after, limit }: { readonly after: string | undefined; readonly limit: number | undefined },
): Promise<DeviceFirmware[]> {
  return sql
    .selectFrom("device_firmware")
    .selectAll()
    .where("version", "is not", null)
    .$if(after !== undefined, (rows) => rows.where("device_id", ">", after ?? ""))
    .orderBy("device_id")
    .$if(limit !== undefined, (rows) => rows.limit(limit ?? 0))
    .execute();
}

/** Ids of the devices this image is for that have a slot it does not fit. */
export async function devicesTooSmall(
  sql: Sql,
  image: {
    readonly board: string;
    readonly chip: string;
    readonly bytes: number;
    readonly channels: readonly Channel[];
  },
): Promise<string[]> {
  const rows = await sql
    .selectFrom("device_firmware")
    .select("device_id")
    .where("board", "=", image.board)
    .where("chip", "=", image.chip)
    .where("channel", "in", image.channels)
    // Slots may be unequal, and each is written in its turn.
    .where((is) =>
      is.or([is("slot_bytes", "<", image.bytes), is("other_slot_bytes", "<", image.bytes)]),
    )
    .orderBy("device_id")
    .execute();
  return rows.map((row) => row.device_id);
}

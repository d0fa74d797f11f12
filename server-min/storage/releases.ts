import type { Kysely } from "kysely";
import type { Channel } from "../../protocol/update-manifest.ts";
import type { Database, Release } from "./schema.ts";

type Sql = Kysely<Database>;

export type Signature = Pick<
  Release,
  "sequence" | "issued_at_ms" | "expires_at_ms" | "kid" | "jws"
>;

/** What choosing among releases needs: the signature of the chosen one is read by itself. */
export type ReleaseSummary = Omit<Release, "jws" | "notes">;

export const SUMMARY_COLUMNS = [
  "version",
  "sort_key",
  "product",
  "board",
  "chip",
  "channel",
  "bytes",
  "sha256",
  "elf_sha256",
  "minimum_version",
  "published_at_ms",
  "blocked_at_ms",
  "block_reason",
  "sequence",
  "issued_at_ms",
  "expires_at_ms",
  "kid",
] as const satisfies readonly (keyof ReleaseSummary)[];

export async function releaseByVersion(sql: Sql, version: string): Promise<Release | undefined> {
  return sql.selectFrom("releases").selectAll().where("version", "=", version).executeTakeFirst();
}

/** Highest version first. */
export async function listReleases(sql: Sql): Promise<Release[]> {
  return sql
    .selectFrom("releases")
    .selectAll()
    .orderBy("sort_key", "desc")
    .orderBy("published_at_ms", "desc")
    .orderBy("version", "desc")
    .execute();
}

/** The counter of all signatures: what is taken is gone, used or not. */
export async function takeSequence(sql: Sql, version: string, nowMs: number): Promise<number> {
  const { sequence } = await sql
    .insertInto("release_sequences")
    .values({ version, taken_at_ms: nowMs })
    .returning("sequence")
    .executeTakeFirstOrThrow();
  return sequence;
}

/** False when the version was taken meanwhile. */
export async function insertRelease(sql: Sql, release: Release): Promise<boolean> {
  const inserted = await sql
    .insertInto("releases")
    .values(release)
    .onConflict((known) => known.column("version").doNothing())
    .returning("version")
    .executeTakeFirst();
  return inserted !== undefined;
}

/** Nothing happens when the release was signed with a higher sequence meanwhile. */
export async function putSignature(sql: Sql, version: string, signature: Signature): Promise<void> {
  await sql
    .updateTable("releases")
    .set(signature)
    .where("version", "=", version)
    .where("sequence", "<=", signature.sequence)
    .execute();
}

/** False when it was blocked before. */
export async function blockRelease(
  sql: Sql,
  block: { readonly version: string; readonly reason: string | null; readonly nowMs: number },
): Promise<boolean> {
  const blocked = await sql
    .updateTable("releases")
    .set({ blocked_at_ms: block.nowMs, block_reason: block.reason })
    .where("version", "=", block.version)
    .where("blocked_at_ms", "is", null)
    .returning("version")
    .executeTakeFirst();
  return blocked !== undefined;
}

/** Higher versions for the same boards that are not blocked, lowest first. */
export async function openReleasesAbove(
  sql: Sql,
  { product, board, chip, sort_key }: Release,
): Promise<Release[]> {
  return sql
    .selectFrom("releases")
    .selectAll()
    .where("product", "=", product)
    .where("board", "=", board)
    .where("chip", "=", chip)
    .where("sort_key", ">", sort_key)
    .where("blocked_at_ms", "is", null)
    .orderBy("sort_key")
    .orderBy("published_at_ms")
    .orderBy("version")
    .execute();
}

/** The highest version below this one that the same devices take and that is not blocked. */
export async function releaseBefore(
  sql: Sql,
  { product, board, chip, sort_key }: Release,
  channels: readonly Channel[],
): Promise<Release | undefined> {
  return sql
    .selectFrom("releases")
    .selectAll()
    .where("product", "=", product)
    .where("board", "=", board)
    .where("chip", "=", chip)
    .where("channel", "in", channels)
    .where("sort_key", "<", sort_key)
    .where("blocked_at_ms", "is", null)
    .orderBy("sort_key", "desc")
    .orderBy("published_at_ms", "desc")
    .orderBy("version", "desc")
    .executeTakeFirst();
}

/** The highest stable version for the board this device said it is, or for the usual one. */
export async function newestStableVersion(
  sql: Sql,
  device: { readonly deviceId: string; readonly usualBoard: string },
): Promise<string | undefined> {
  const newest = await sql
    .selectFrom("releases")
    .select("version")
    .where("channel", "=", "stable")
    .where("blocked_at_ms", "is", null)
    .where("board", "=", ({ fn, selectFrom, val }) =>
      fn.coalesce(
        selectFrom("device_firmware")
          .select("board")
          .where("device_id", "=", device.deviceId)
          .$asScalar(),
        val(device.usualBoard),
      ),
    )
    .orderBy("sort_key", "desc")
    .orderBy("published_at_ms", "desc")
    .orderBy("version", "desc")
    .executeTakeFirst();
  return newest?.version;
}

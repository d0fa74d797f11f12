import type { Kysely } from "kysely";
import type { UpdatableDevice } from "../firmware/release-choice.ts";
import type { CheckedFirmware } from "./device-firmware.ts";
import { prepareQuery } from "./prepared-query.ts";
import type { ReleaseSummary } from "./releases.ts";
import { SUMMARY_COLUMNS } from "./releases.ts";
import type { Database, DeviceFirmware, Release } from "./schema.ts";

/** A row of every column, for the shape of the statement alone. */
const SAMPLE: CheckedFirmware = {
  device_id: "",
  version: "",
  elf_sha256: "",
  previous_elf_sha256: "",
  board: "",
  chip: "",
  channel: "",
  slot_bytes: 0,
  other_slot_bytes: 0,
  sequence: 0,
  ledger: "",
  told_at_ms: 0,
  checked_at_ms: 0,
};
const COLUMNS = Object.keys(SAMPLE) as (keyof CheckedFirmware)[];

/** Two reads and one write are what every feeder's every poll costs; an offer reads its signature too. */
export class UpdateRows {
  readonly #device: (deviceId: string) => Promise<readonly DeviceFirmware[]>;
  readonly #releases: (...values: readonly string[]) => Promise<readonly ReleaseSummary[]>;
  readonly #release: (version: string) => Promise<readonly Release[]>;
  readonly #put: (...values: readonly CheckedFirmware[keyof CheckedFirmware][]) => Promise<unknown>;

  constructor(sql: Kysely<Database>) {
    const devices = sql.selectFrom("device_firmware").selectAll();
    this.#device = prepareQuery(sql, devices.where("device_id", "=", ""));
    const releases = sql
      .selectFrom("releases")
      .select(SUMMARY_COLUMNS)
      .where("product", "=", "")
      .where("board", "=", "")
      // Any chip: the value is only a place for one.
      .where("chip", "=", "esp32")
      .where((is) =>
        is.or([is("sort_key", ">=", ""), is("elf_sha256", "=", ""), is("version", "=", "")]),
      )
      .orderBy("sort_key", "desc")
      .orderBy("published_at_ms", "desc")
      // Without a last word, the order of two builds that came within a millisecond is the database's whim.
      .orderBy("version", "desc");
    this.#releases = prepareQuery(sql, releases);
    const release = sql.selectFrom("releases").selectAll().where("version", "=", "");
    this.#release = prepareQuery(sql, release);
    const put = sql
      .insertInto("device_firmware")
      .values(SAMPLE)
      .onConflict((known) =>
        known
          .column("device_id")
          .doUpdateSet(({ ref }) =>
            Object.fromEntries(COLUMNS.map((column) => [column, ref(`excluded.${column}`)])),
          ),
      );
    this.#put = prepareQuery(sql, put);
  }

  async device(deviceId: string): Promise<DeviceFirmware | undefined> {
    const [device] = await this.#device(deviceId);
    return device;
  }

  /**
   * From this place in the order upwards, and what the device runs and was chosen for; highest version first, also the
   * blocked ones. A feeder that is up to date has one row to read, whatever was ever published.
   */
  async releasesFor(
    device: Pick<UpdatableDevice, "product" | "board" | "chip" | "elfSha256" | "targetVersion">,
    fromSortKey: string,
  ): Promise<readonly ReleaseSummary[]> {
    const { product, board, chip, elfSha256, targetVersion } = device;
    return this.#releases(product, board, chip, fromSortKey, elfSha256 ?? "", targetVersion ?? "");
  }

  async release(version: string): Promise<Release | undefined> {
    const [release] = await this.#release(version);
    return release;
  }

  async put(told: CheckedFirmware): Promise<void> {
    await this.#put(...COLUMNS.map((column) => told[column]));
  }
}

import type { Kysely } from "kysely";
import { parseRecord } from "../../protocol/json.ts";
import type { Clock } from "../ports.ts";
import {
  countKeptCommands,
  forgetKeptCommands,
  keepCommand,
  takeKeptCommands,
} from "../storage/kept-commands.ts";
import type { Database } from "../storage/schema.ts";

/** Longer than a feeder sleeps or a garden is without Wi-Fi; a photo asked for yesterday is not wanted today. */
const KEPT_FOR_MS = 24 * 60 * 60 * 1000;
const NAMES_MAX = 16;

type Message = Readonly<Record<string, unknown>>;

/** Commands for feeders that are away. */
export class KeptCommands {
  readonly #sql: Kysely<Database>;
  readonly #clock: Clock;

  constructor(sql: Kysely<Database>, clock: Clock) {
    this.#sql = sql;
    this.#clock = clock;
  }

  async keep(deviceId: string, name: string, message: Message): Promise<void> {
    const nowMs = this.#clock.nowMs();
    await forgetKeptCommands(this.#sql, nowMs - KEPT_FOR_MS);
    if ((await countKeptCommands(this.#sql, deviceId)) >= NAMES_MAX) return;
    const text = JSON.stringify(message);
    await keepCommand(this.#sql, { device_id: deviceId, name, message: text, kept_at_ms: nowMs });
  }

  async take(deviceId: string): Promise<readonly Message[]> {
    const taken = await takeKeptCommands(this.#sql, deviceId);
    const oldestMs = this.#clock.nowMs() - KEPT_FOR_MS;
    return taken
      .filter(({ kept_at_ms }) => kept_at_ms >= oldestMs)
      .map(({ message }) => parseRecord(message) ?? {});
  }
}

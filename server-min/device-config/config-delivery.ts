import * as v from "valibot";
import type { ConfigCommand } from "../../protocol/config-messages.ts";
import { isRecord, parseRecord } from "../../protocol/json.ts";
import type { AppPorts } from "../ports.ts";
import { SerialQueue } from "../serial-queue.ts";
import {
  addConfigVersion,
  putToldConfig,
  toldConfig,
  wantedConfig,
} from "../storage/device-config.ts";
import type { ConfigVersion, ToldConfig } from "../storage/schema.ts";
import { ZERO_CHARACTER } from "../zero-character.ts";

type Ports = Pick<AppPorts, "sql" | "rooms" | "clock" | "background">;
type Message = Readonly<Record<string, unknown>>;

const VERSION = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const WORDS = v.pipe(v.string(), v.excludes(ZERO_CHARACTER), v.maxLength(200));

/** Another process may have been asked for more, and the one message about it may have been lost. */
const KNOWN_MS = 300_000;

/** As of a feeder that comes from another server; near the largest number there would be no room for what is set next. */
const VERSIONS_AHEAD_MAX = 1_000_000;

/** protocol's ConfigReport. */
const REPORT = v.object({
  status: v.picklist(["applied", "trial", "rejected", "rolled_back"]),
  version: VERSION,
  latest: VERSION,
  reason: v.optional(WORDS),
  detail: v.optional(WORDS),
});

type Report = v.InferOutput<typeof REPORT>;

/** What this process last knew of a device that it hears: most heartbeats bring no news, and then cost nothing. */
interface Known {
  readonly atMs: number;
  /** The report as JSON. */
  readonly told: string;
  /** The newest version that the device was told of. */
  readonly latest: number;
  readonly wanted: ConfigCommand | undefined;
}

/**
 * Tells feeders what is wanted until they have heard of it, with each heartbeat anew: one may have been away, have had an
 * image on trial, or have lost its connection over the command.
 */
export class ConfigDelivery {
  readonly #ports: Ports;
  readonly #turns = new SerialQueue();
  readonly #known = new Map<string, Known>();

  constructor(ports: Ports) {
    this.#ports = ports;
    const { rooms, background, clock } = ports;
    rooms.onPresence((deviceId) => this.#known.delete(deviceId));
    rooms.listen((deviceId, message) => {
      const told = reportIn(message);
      if (told === undefined) return;
      const text = JSON.stringify(told);
      const known = this.#known.get(deviceId);
      const isFresh = known !== undefined && clock.nowMs() - known.atMs < KNOWN_MS;
      if (isFresh && known.told === text) return this.#remind(deviceId, known);
      const report = v.safeParse(REPORT, told);
      if (!report.success) return;
      background.run(() =>
        this.#turns.run(deviceId, () => this.#take(deviceId, report.output, text)),
      );
    });
  }

  send(deviceId: string, command: ConfigCommand): void {
    const known = this.#known.get(deviceId);
    if (known !== undefined) this.#known.set(deviceId, { ...known, wanted: command });
    this.#ports.rooms.publish(deviceId, { type: "cmd.config", payload: command });
  }

  async #take(deviceId: string, report: Report, told: string): Promise<void> {
    const { sql, clock } = this.#ports;
    const row = rowOf(deviceId, report, clock.nowMs());
    const before = await toldConfig(sql, deviceId);
    const wantedVersion = (await wantedConfig(sql, deviceId))?.version ?? 0;
    if (report.latest > Math.max(wantedVersion, before?.latest ?? 0) + VERSIONS_AHEAD_MAX) return;
    if (isNew(row, before)) await putToldConfig(sql, row);
    const newest = await this.#above(report.latest, deviceId, before?.told_at_ms ?? 0);
    const wanted = newest && { version: newest.version, settings: parseRecord(newest.settings) };
    const known = { atMs: clock.nowMs(), told, latest: report.latest, wanted };
    this.#known.set(deviceId, known);
    this.#remind(deviceId, known);
  }

  /**
   * What is wanted. It gets a number above the feeder's where it was set before this database knew how far those are, as
   * of a feeder that came from another server: under its own the feeder would never take it.
   */
  async #above(
    latest: number,
    deviceId: string,
    toldAtMs: number,
  ): Promise<ConfigVersion | undefined> {
    const { sql } = this.#ports;
    const newest = await wantedConfig(sql, deviceId);
    const isBelow = newest !== undefined && newest.version < latest;
    if (!isBelow || newest.made_at_ms <= toldAtMs) return newest;
    await addConfigVersion(sql, { ...newest, version: latest + 1 });
    return wantedConfig(sql, deviceId);
  }

  #remind(deviceId: string, { latest, wanted }: Known): void {
    if (wanted !== undefined && wanted.version > latest) this.send(deviceId, wanted);
  }
}

/** Its own event, or a heartbeat, which an older feeder's has not. */
function reportIn({ type, payload }: Message): unknown {
  if (type === "event.config") return payload;
  return type === "event.heartbeat" && isRecord(payload) ? payload.config : undefined;
}

function rowOf(deviceId: string, report: Report, nowMs: number): ToldConfig {
  const { status, version, latest, reason = null, detail = null } = report;
  return { device_id: deviceId, status, version, latest, reason, detail, told_at_ms: nowMs };
}

function isNew(row: ToldConfig, before: ToldConfig | undefined): boolean {
  const columns = ["status", "version", "latest", "reason", "detail"] as const;
  return columns.some((column) => before?.[column] !== row[column]);
}

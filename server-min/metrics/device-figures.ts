import { isRecord } from "../../protocol/json.ts";
import type { AppPorts } from "../ports.ts";
import type { Rooms } from "../relay/rooms.ts";

/** A series each: whoever may name a device must not be able to fill the memory of what reads this. */
const DEVICE_SERIES_MAX = 1_000;

type Ports = Pick<AppPorts, "metrics" | "sql" | "rooms">;

/** What a feeder with the sensors for it tells of itself. */
interface Told {
  readonly rssiDbm: number | undefined;
  readonly batteryVolts: number | undefined;
}

export function addDeviceFigures({ metrics, sql, rooms }: Ports): void {
  const told = followTelemetry(rooms);

  async function newest() {
    const rows = await sql
      .selectFrom("devices")
      .selectAll()
      .orderBy("last_seen_ms", "desc")
      .limit(DEVICE_SERIES_MAX)
      .execute();
    return rows.map(({ device_id: device, last_seen_ms }) => {
      return { device, lastSeenMs: Math.max(last_seen_ms, rooms.lastHeardMs(device)) };
    });
  }

  metrics.gauge(
    "devices",
    "Known devices, by whether they are connected.",
    ["state"],
    async (gauge) => {
      const { count } = await sql
        .selectFrom("devices")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      const { length } = rooms.counters().rooms.filter(({ deviceId }) => rooms.hasFeeder(deviceId));
      gauge.set({ state: "online" }, length);
      gauge.set({ state: "offline" }, Math.max(0, Number(count) - length));
    },
  );
  const lastSeen = "device_last_seen_timestamp_seconds";
  metrics.gauge(lastSeen, "When a device last said something.", ["device"], async (gauge) => {
    for (const { device, lastSeenMs } of await newest()) gauge.set({ device }, lastSeenMs / 1000);
  });
  metrics.gauge("device_rssi_dbm", "Signal strength, as last told.", ["device"], (gauge) => {
    for (const [device, { rssiDbm }] of told) {
      if (rssiDbm !== undefined) gauge.set({ device }, rssiDbm);
    }
  });
  metrics.gauge("device_battery_volts", "Battery voltage, as last told.", ["device"], (gauge) => {
    for (const [device, { batteryVolts }] of told) {
      if (batteryVolts !== undefined) gauge.set({ device }, batteryVolts);
    }
  });
}

/** The newest of each device; whoever told longest ago is forgotten first. */
function followTelemetry(rooms: Rooms): ReadonlyMap<string, Told> {
  const told = new Map<string, Told>();
  rooms.listen((deviceId, { type, payload }) => {
    if (type !== "event.telemetry" && type !== "event.heartbeat") return;
    const { rssiDbm, batteryVolts } = readTelemetry(payload);
    if (rssiDbm === undefined && batteryVolts === undefined) return;
    // Set again, so that the map's order is the order of telling.
    told.delete(deviceId);
    told.set(deviceId, { rssiDbm, batteryVolts });
    const [oldest] = told.keys();
    if (told.size > DEVICE_SERIES_MAX && oldest !== undefined) told.delete(oldest);
  });
  return told;
}

/** The first stack's names. */
function readTelemetry(payload: unknown): Told {
  const { rssi, power } = isRecord(payload) ? payload : {};
  const { volts } = isRecord(power) ? power : {};
  return { rssiDbm: numberOf(rssi), batteryVolts: numberOf(volts) };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

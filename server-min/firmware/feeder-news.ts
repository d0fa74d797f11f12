import { safeParse } from "valibot";
import type { AppPorts } from "../ports.ts";
import { SerialQueue } from "../serial-queue.ts";
import { putFirmware, type ToldInRoom, toldInRoom } from "../storage/device-firmware.ts";
import { ROOM_HEARTBEAT, ROOM_UPDATE } from "./device-messages.ts";
import { toldByHeartbeat } from "./told-firmware.ts";

type Message = Readonly<Record<string, unknown>>;

/** Keeps what feeders tell of their firmware in their rooms. A heartbeat without news costs no write. */
export function followFeeders({
  rooms,
  sql,
  clock,
  background,
}: Pick<AppPorts, "rooms" | "sql" | "clock" | "background">): void {
  const turns = new SerialQueue();

  async function note(deviceId: string, message: Message): Promise<void> {
    const before = await toldInRoom(sql, deviceId);
    const news = readNews(message, before);
    if (news === undefined || !isNew(news, before)) return;
    await putFirmware(sql, { device_id: deviceId, ...news, told_at_ms: clock.nowMs() });
  }

  rooms.listen((deviceId, message) => {
    if (message.type !== "event.heartbeat" && message.type !== "event.ota") return;
    background.run(() => turns.run(deviceId, () => note(deviceId, message)));
  });
}

function readNews(
  message: Message,
  before: ToldInRoom | undefined,
): Partial<ToldInRoom> | undefined {
  const heartbeat = safeParse(ROOM_HEARTBEAT, message);
  if (heartbeat.success) {
    const { update: status, ...told } = heartbeat.output.payload;
    return toldByHeartbeat({ ...told, status }, before);
  }
  const update = safeParse(ROOM_UPDATE, message);
  if (!update.success) return undefined;
  const { status, version, reason = null } = update.output.payload;
  return { status, reason, update_version: version };
}

function isNew(news: Partial<ToldInRoom>, before: ToldInRoom | undefined): boolean {
  const columns = Object.keys(news) as (keyof ToldInRoom)[];
  return columns.some((column) => before?.[column] !== news[column]);
}

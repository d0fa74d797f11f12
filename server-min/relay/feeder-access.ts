import type { AppPorts } from "../ports.ts";
import { tokensAcceptedFromMs } from "../storage/device-access.ts";
import { readRoomToken } from "./room-token.ts";

/** Undefined when whoever brings this token may join, as far as the token itself is good. */
export type FeederCheck = (token: string | undefined) => Promise<"token_revoked" | undefined>;

/** A room's token outlives by minutes that its feeder is revoked, and a connection made with it would stay for ever. */
export function checkFeeders({
  sql,
  clock,
  settings,
}: Pick<AppPorts, "sql" | "clock" | "settings">): FeederCheck {
  return async (token) => {
    if (settings.adminPasswordHash === undefined) return undefined;
    const access = readRoomToken(settings.relaySecret, token, clock.nowMs());
    if (typeof access === "string" || access.role !== "feeder") return undefined;
    const sinceMs = await tokensAcceptedFromMs(sql, access.deviceId);
    const isSame = sinceMs !== undefined && sinceMs === access.sinceMs;
    return isSame ? undefined : "token_revoked";
  };
}

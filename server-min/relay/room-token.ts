import { isDeviceId } from "../../protocol/ids.ts";
import { ALL_ROOMS } from "../identity/principal.ts";
import type { JwtRefusal } from "./jwt.ts";
import { signJwt, verifyJwt } from "./jwt.ts";

/** Who joins. A member is a client of the first stack: its tokens name the room and no role. */
export type RoomAccess =
  | {
      readonly role: "feeder" | "member";
      readonly deviceId: string;
      /** When the feeder was let in; one of the same name that is let in later is another. */
      readonly sinceMs?: number | undefined;
    }
  | { readonly role: "viewer"; readonly rooms: readonly string[] };

export type RoomRefusal = JwtRefusal | "token_missing";

export function signRoomToken(
  secret: string,
  access: RoomAccess,
  lifetime: { readonly nowMs: number; readonly lifetimeSeconds: number },
): string {
  return signJwt(secret, { ...access }, lifetime);
}

export function readRoomToken(
  secret: string,
  token: string | undefined,
  nowMs: number,
): RoomAccess | RoomRefusal {
  if (token === undefined || token === "") return "token_missing";
  const claims = verifyJwt(secret, token, nowMs);
  if (typeof claims === "string") return claims;
  const { role, rooms, deviceId, sinceMs } = claims;
  if (role === "viewer") {
    return isRoomList(rooms) ? { role, rooms } : "token_invalid";
  }
  if (!isDeviceId(deviceId)) return "token_invalid";
  if (role !== "feeder") return { role: "member", deviceId };
  return { role, deviceId, ...(typeof sinceMs === "number" && { sinceMs }) };
}

/** Where a client with this token connects. */
export function socketUrl(publicUrl: string, token: string): string {
  return `${publicUrl.replace(/^http/, "ws")}/v1/ws?token=${token}`;
}

function isRoomList(rooms: unknown): rooms is readonly string[] {
  return (
    Array.isArray(rooms) &&
    rooms.length > 0 &&
    rooms.every((id) => id === ALL_ROOMS || isDeviceId(id))
  );
}

import { isDeviceId } from "../../protocol/ids.ts";
import type { JwtRefusal } from "./jwt.ts";
import { signJwt, verifyJwt } from "./jwt.ts";

/** Who joins. A member is a client of the first stack: its tokens name the room and no role. */
export type RoomAccess =
  | { readonly role: "feeder" | "member"; readonly deviceId: string }
  | { readonly role: "viewer" };

export type RoomRefusal = JwtRefusal | "token_missing";

/** The word for every room, in tokens and in the greeting of a viewer. */
export const ALL_ROOMS = "*";

export function signRoomToken(
  secret: string,
  access: RoomAccess,
  lifetime: { readonly nowMs: number; readonly lifetimeSeconds: number },
): string {
  const claims = access.role === "viewer" ? { ...access, rooms: [ALL_ROOMS] } : access;
  return signJwt(secret, claims, lifetime);
}

export function readRoomToken(
  secret: string,
  token: string | undefined,
  nowMs: number,
): RoomAccess | RoomRefusal {
  if (token === undefined || token === "") return "token_missing";
  const claims = verifyJwt(secret, token, nowMs);
  if (typeof claims === "string") return claims;
  const { role, rooms, deviceId } = claims;
  if (role === "viewer") {
    return Array.isArray(rooms) && rooms.includes(ALL_ROOMS) ? { role } : "token_invalid";
  }
  if (!isDeviceId(deviceId)) return "token_invalid";
  return { role: role === "feeder" ? "feeder" : "member", deviceId };
}

/** Where a client with this token connects. */
export function socketUrl(publicUrl: string, token: string): string {
  return `${publicUrl.replace(/^http/, "ws")}/v1/ws?token=${token}`;
}

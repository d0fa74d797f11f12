import { isDeviceId } from "../../protocol/ids.ts";
import type { JwtRefusal } from "../relay/jwt.ts";
import { keyIdOf, signJwt, verifyJwt } from "../relay/jwt.ts";

/** A key that signs device tokens; its id travels in the token's header (RFC 7515, 4.1.4). */
export interface TokenKey {
  readonly kid: string;
  readonly secret: string;
}

/** A feeder that was in the cellar all winter comes back with a good token; it renews one in the last half. */
export const DEVICE_TOKEN_SECONDS = 180 * 24 * 60 * 60;
const AUDIENCE = "skyfeeder:device";

/** The first key signs; the others are known until the tokens they signed have expired. */
export function signDeviceToken(
  keys: readonly TokenKey[],
  deviceId: string,
  nowMs: number,
): string {
  const [key] = keys;
  if (key === undefined) throw new Error("no key signs device tokens");
  const lifetime = { nowMs, lifetimeSeconds: DEVICE_TOKEN_SECONDS };
  return signJwt(key.secret, { aud: AUDIENCE, sub: deviceId }, lifetime, key.kid);
}

export interface DeviceToken {
  readonly deviceId: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** Whose it is and since when; whether it was revoked since is for the database to say. */
export function readDeviceToken(
  keys: readonly TokenKey[],
  token: string,
  nowMs: number,
): DeviceToken | JwtRefusal {
  const kid = keyIdOf(token);
  const key = keys.find((known) => known.kid === kid);
  if (key === undefined) return "token_invalid";
  const claims = verifyJwt(key.secret, token, nowMs);
  if (typeof claims === "string") return claims;
  const { aud, sub, iat, exp } = claims;
  const isOurs = aud === AUDIENCE && isDeviceId(sub) && typeof iat === "number";
  if (!isOurs || typeof exp !== "number") return "token_invalid";
  return { deviceId: sub, issuedAtMs: iat * 1000, expiresAtMs: exp * 1000 };
}

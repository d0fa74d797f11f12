import type { JwtRefusal } from "../relay/jwt.ts";
import type { DeviceToken, TokenKey } from "./device-token.ts";
import { readDeviceToken } from "./device-token.ts";

/** Twice the largest fleet that was tried; some 5 MB. */
const TOKENS_MAX = 10_000;

/** By the keys that they were checked with. */
const knownTokens = new WeakMap<readonly TokenKey[], Map<string, DeviceToken>>();

/**
 * What `readDeviceToken` says, without computing a signature again that was found good: a feeder sends one token for
 * months. Only good ones are kept, so that nobody fills the memory with others.
 */
export function readKnownToken(
  keys: readonly TokenKey[],
  token: string,
  nowMs: number,
): DeviceToken | JwtRefusal {
  const known = knownTokens.get(keys) ?? new Map<string, DeviceToken>();
  knownTokens.set(keys, known);
  const kept = known.get(token);
  if (kept !== undefined) return nowMs < kept.expiresAtMs ? kept : "token_expired";
  const read = readDeviceToken(keys, token, nowMs);
  if (typeof read === "string") return read;
  if (known.size >= TOKENS_MAX) known.clear();
  known.set(token, read);
  return read;
}

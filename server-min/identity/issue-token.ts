import type { TokenAnswer } from "../../protocol/enrolment.ts";
import type { AppPorts } from "../ports.ts";
import { tokensAcceptedFromMs } from "../storage/device-access.ts";
import { DEVICE_TOKEN_SECONDS, signDeviceToken } from "./device-token.ts";

/** A token for a device that was let in; undefined for one that was not, or is out again. */
export async function issueToken(
  { sql, clock, settings }: Pick<AppPorts, "sql" | "clock" | "settings">,
  deviceId: string,
): Promise<TokenAnswer | undefined> {
  const fromMs = await tokensAcceptedFromMs(sql, deviceId);
  if (fromMs === undefined) return undefined;
  // A device is let in from the next whole second on.
  const issuedAtMs = Math.max(clock.nowMs(), fromMs);
  const token = signDeviceToken(settings.tokenKeys, deviceId, issuedAtMs);
  return { token, expiresIn: DEVICE_TOKEN_SECONDS };
}

import { isDeviceId } from "../../protocol/ids.ts";
import { isSignature, signText } from "../signature.ts";

/** An outage of a week does not end a download that had begun; a release is offered under a new one at every check. */
const TOKEN_SECONDS = 7 * 24 * 60 * 60;

/** Who may download a release. A trial is open to everybody, and to its first bytes alone. */
export type ImageGrant =
  | { readonly kind: "device"; readonly deviceId: string }
  | { readonly kind: "trial" };

/** Short, for it travels in a URL that feeders keep in 4,000 bytes together with the manifest. */
export function signImageToken(
  secret: string,
  grant: ImageGrant,
  release: { readonly version: string; readonly nowMs: number },
): string {
  const expires = (Math.floor(release.nowMs / 1000) + TOKEN_SECONDS).toString(36);
  const deviceId = grant.kind === "device" ? grant.deviceId : "";
  return `${expires}.${deviceId}.${signText(secret, signed(expires, deviceId, release.version))}`;
}

/** Undefined for a token that is of another release, expired, or none of ours. */
export function readImageToken(
  secret: string,
  token: string,
  release: { readonly version: string; readonly nowMs: number },
): ImageGrant | undefined {
  const [expires = "", deviceId = "", signature = "", ...rest] = token.split(".");
  if (rest.length > 0) return undefined;
  if (!isSignature(secret, signed(expires, deviceId, release.version), signature)) return undefined;
  if (release.nowMs >= Number.parseInt(expires, 36) * 1000) return undefined;
  return isDeviceId(deviceId) ? { kind: "device", deviceId } : { kind: "trial" };
}

/** With a word of its own: the secret signs uploads too, and neither must pass for the other. */
function signed(expires: string, deviceId: string, version: string): string {
  return `firmware ${version} ${deviceId} ${expires}`;
}

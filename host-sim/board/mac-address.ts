import { createHash } from "node:crypto";

/** Espressif's, of 2017. */
const OUI = "24a160";

/** A chip's own address, 12 hex digits. A board that is named for its address has that one. */
export function macOf(deviceId: string): string {
  if (/^[0-9a-f]{12}$/.test(deviceId)) return deviceId;
  return (
    OUI +
    createHash("sha256")
      .update(deviceId)
      .digest("hex")
      .slice(0, 12 - OUI.length)
  );
}

import { parseRecord } from "./json.ts";
import { encodeUtf8 } from "./utf8.ts";

export interface WifiCredentials {
  readonly ssid: string;
  /** Empty for an open network. */
  readonly password: string;
}

/** IEEE 802.11: 1 to 32 bytes. */
const SSID_BYTES_MAX = 32;

/** A zero would end it inside the driver. */
export function isSsid(text: string): boolean {
  const { length } = encodeUtf8(text);
  return length > 0 && length <= SSID_BYTES_MAX && !text.includes("\0");
}

/** WPA2: 8 to 63 characters, or the key itself as 64 hex digits; none for an open network. */
export function isPassphrase(text: string): boolean {
  const { length } = encodeUtf8(text);
  if (text.includes("\0")) return false;
  return length === 0 || (length >= 8 && length <= 63) || /^[0-9a-fA-F]{64}$/.test(text);
}

/** One value of NVS: two could be cut apart by the power. */
export function encodeWifiCredentials({ ssid, password }: WifiCredentials): string {
  return JSON.stringify({ ssid, password });
}

/** Undefined for what no feeder has written. */
export function parseWifiCredentials(text: string): WifiCredentials | undefined {
  const { ssid, password } = parseRecord(text) ?? {};
  if (typeof ssid !== "string" || typeof password !== "string") return undefined;
  return isSsid(ssid) && isPassphrase(password) ? { ssid, password } : undefined;
}

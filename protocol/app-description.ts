import { readFixedText } from "./fixed-text.ts";

/** What an ESP32 image says of itself: ESP-IDF's esp_app_desc_t, at byte 32 of every application image. */
export interface AppDescription {
  readonly projectName: string;
  readonly version: string;
  /** SHA-256 of the build's ELF file, lower-case hex: the name of a build, whatever its version says. */
  readonly elfSha256: string;
  readonly idfVersion: string;
  /** As C writes __DATE__ and __TIME__, "Jan  1 2026" and "00:00:00"; empty in a reproducible build. */
  readonly date: string;
  readonly time: string;
  readonly secureVersion: number;
}

export const APP_DESCRIPTION_BYTES = 256;

/** Stands where ESP-IDF names itself in a real one: what is bundled for simulated boards would not run on a chip. */
export const SIMULATOR = "simulator";
const MAGIC = 0xabcd5432;

/** Undefined for what is no description. What follows one in `bytes` does not matter. */
export function parseAppDescription(bytes: Uint8Array): AppDescription | undefined {
  if (bytes.length < APP_DESCRIPTION_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, APP_DESCRIPTION_BYTES);
  if (view.getUint32(0, true) !== MAGIC) return undefined;
  return {
    secureVersion: view.getUint32(4, true),
    version: readFixedText(bytes.subarray(16, 48)),
    projectName: readFixedText(bytes.subarray(48, 80)),
    time: readFixedText(bytes.subarray(80, 96)),
    date: readFixedText(bytes.subarray(96, 112)),
    idfVersion: readFixedText(bytes.subarray(112, 144)),
    elfSha256: toHex(bytes.subarray(144, 176)),
  };
}

function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

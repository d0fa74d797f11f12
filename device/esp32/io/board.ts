import type FFI from "mc/ffi";
import type { Board, ResetReason } from "../ports.ts";

const RETAINED_BYTES = 64;
const MAC_BYTES = 6;

/** esp_reset_reason_t counts from 0; what comes behind these a plain ESP32 does not have. */
const RESET_REASONS: readonly ResetReason[] = [
  "unknown",
  "power_on",
  "external",
  "software",
  "panic",
  // The interrupt's, the task's and the others.
  "watchdog",
  "watchdog",
  "watchdog",
  "deep_sleep",
  "brownout",
];

export class NativeBoard implements Board {
  readonly mac: string;
  readonly resetReason: ResetReason;
  readonly #native: FFI;

  constructor(native: FFI) {
    this.#native = native;
    this.mac = readMac(native);
    this.resetReason = RESET_REASONS[native.reset_reason()] ?? "unknown";
  }

  restart(): void {
    this.#native.restart_board();
  }

  readRetained(): Uint8Array {
    const bytes = new Uint8Array(RETAINED_BYTES);
    this.#native.rtc_memory_read(bytes.buffer, 0, RETAINED_BYTES);
    return bytes;
  }

  writeRetained(bytes: Uint8Array): void {
    const { buffer, byteOffset, byteLength } = bytes;
    this.#native.rtc_memory_write(buffer as ArrayBuffer, byteOffset, byteLength);
  }
}

function readMac(native: FFI): string {
  const bytes = new Uint8Array(MAC_BYTES);
  native.station_mac(bytes.buffer, 0, MAC_BYTES);
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

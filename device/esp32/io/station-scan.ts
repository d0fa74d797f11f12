import type WiFi from "embedded:network/interface/wifi";
import Timer from "timer";
import type { NearbyNetwork } from "../ports.ts";

/** Thirteen channels of 120 ms each take two seconds; a scan that the driver drops tells nobody. */
const SCAN_TIMEOUT_MS = 10_000;

/** Tells each station that is heard, some several times; `done` exactly once. Never while the interface joins. */
export function scanStations(
  wifi: WiFi,
  heard: (network: NearbyNetwork) => void,
  done: () => void,
): void {
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    Timer.clear(timer);
    done();
  };
  const timer = Timer.set(end, startScan(wifi, heard, end) ? SCAN_TIMEOUT_MS : 0);
}

function startScan(wifi: WiFi, heard: (network: NearbyNetwork) => void, end: () => void): boolean {
  try {
    wifi.scan({
      // The SDK's typings leave `security` out.
      onFound: (station: { SSID: string; RSSI: number; security?: string }) =>
        heard({
          ssid: station.SSID,
          rssiDbm: station.RSSI,
          secured: station.security !== "none",
        }),
      onComplete: end,
    });
    return true;
  } catch {
    return false;
  }
}

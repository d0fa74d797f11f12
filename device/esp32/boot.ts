import type { WifiCredentials } from "../../protocol/wifi-credentials.ts";
import { keepUnwritten } from "./critical-errors.ts";
import { POWER_CYCLE_MS } from "./limits.ts";
import type { KeyValueStore, Ports } from "./ports.ts";
import { type BootMode, planBoot } from "./provisioning/boot-mode.ts";

/** NVS keys have at most 15 characters. */
const POWER_ONS_KEY = "powerOns";
const PRESSED_KEY = "portalAsked";

/**
 * Once, at the start. Only power that comes costs flash a write, and its being taken back another: neither RAM nor RTC
 * memory outlives the very thing that is counted.
 */
export function chooseBoot(
  ports: Pick<Ports, "board" | "store" | "time" | "appSlots" | "log">,
  settings: { readonly wifi: WifiCredentials | undefined; readonly serverUrl: string },
): BootMode {
  const { board, time, appSlots } = ports;
  // A chip that takes no writes must still come as far as safe mode.
  const store = keepUnwritten(ports.store, ports.log);
  const before = Number(store.read(POWER_ONS_KEY) ?? 0) || 0;
  const { mode, powerOns } = planBoot({
    resetReason: board.resetReason,
    isSetUp: settings.wifi !== undefined && settings.serverUrl !== "",
    isOnTrial: appSlots.runningState() === "pending",
    wasPressed: takePress(store),
    powerOns: before,
  });
  if (powerOns !== before) store.write(POWER_ONS_KEY, String(powerOns));
  if (powerOns > 0) time.after(POWER_CYCLE_MS, () => store.delete(POWER_ONS_KEY));
  return mode;
}

/** The portal is for the next boot alone. */
function takePress(store: KeyValueStore): boolean {
  const wasPressed = store.read(PRESSED_KEY) !== undefined;
  if (wasPressed) store.delete(PRESSED_KEY);
  return wasPressed;
}

export function askForPortal(store: KeyValueStore): void {
  store.write(PRESSED_KEY, "1");
}

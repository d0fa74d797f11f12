import type FFI from "mc/ffi";
import Timer from "timer";
import type { Log } from "../ports.ts";

/** Long enough for the log to leave and for a fault at every start not to wear the flash out. */
const restartDelayMs = 10_000;

/** Calls from the world into the firmware. */
export type Enter = (run: () => void) => void;

/**
 * Every callback of an adapter goes through here. What the firmware throws is a bug of ours: it is logged, and the board
 * starts anew, which everything in the spool survives. Going on would leave a board that feeds its watchdog and works no
 * more; the abort hook goes on only for what the SDK's own callbacks throw.
 */
export function createEntry(native: FFI, log: Log): Enter {
  let restarting = false;
  return (run) => {
    try {
      run();
    } catch (error) {
      log.write("error", "firmware", describe(error));
      if (restarting) return;
      restarting = true;
      Timer.set(() => native.restart_board(), restartDelayMs);
    }
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.message} ${error.stack ?? ""}` : String(error);
}

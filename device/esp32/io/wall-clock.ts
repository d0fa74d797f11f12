import Ticks from "time";
import type { KeyValueStore, Log, WallClock } from "../ports.ts";

const KEY = "knownTime";
const SECONDS_PER_DAY = 86_400;
const DAY_TICKS = SECONDS_PER_DAY * 1_000;
/** In a day. A server whose own clock was wrong for a day must not make every certificate look expired for ever. */
const STEP_MAX_S = 30 * SECONDS_PER_DAY;

/**
 * The board's clock, which TLS judges certificates by, starts at 1970 with each loss of power. It is set to what is
 * surely past by then: when the image was built or, if later, the day that NVS knows of.
 */
export function openWallClock(
  store: KeyValueStore,
  builtAfterS: number | undefined,
  log: Log,
): WallClock {
  // No certificate is judged by an image that has no authority.
  if (builtAfterS === undefined) return { learn() {} };
  let keptS = Math.max(builtAfterS, readKept(store));
  let steppedTicks: number | undefined;
  Ticks.set(keptS);
  return {
    learn(epochMs) {
      const nowS = Math.floor(epochMs / 1_000);
      Ticks.set(nowS);
      const { ticks } = Ticks;
      // 32 bits that wrap, and a server tells its time by each of its answers.
      const isStepped = steppedTicks !== undefined && (ticks - steppedTicks) >>> 0 < DAY_TICKS;
      if (isStepped || nowS - keptS < SECONDS_PER_DAY) return;
      steppedTicks = ticks;
      keptS = Math.min(nowS, keptS + STEP_MAX_S);
      keep(store, keptS, log);
    },
  };
}

/** Whoever cannot write it down still has the time, by which an update may come that helps. */
function keep(store: KeyValueStore, keptS: number, log: Log): void {
  try {
    store.write(KEY, String(keptS));
  } catch (error) {
    log.write("warn", "store", `${KEY}: ${String(error)}`);
  }
}

function readKept(store: KeyValueStore): number {
  const text = store.read(KEY) ?? "";
  return /^\d{1,10}$/.test(text) ? Number(text) : 0;
}

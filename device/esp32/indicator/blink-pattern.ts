/** What the board's LED shows. */
export type ShownState = "safe_mode" | "provisioning" | "connecting_wifi" | "online" | "uploading";

export interface BlinkPattern {
  /** On, off, on, off ..., again and again. */
  readonly phasesMs: readonly number[];
  /** Then dark: nobody stands before it any more, and each edge wakes the processor. */
  readonly forMs: number;
}

const ALWAYS = Number.POSITIVE_INFINITY;

/** Somebody has just plugged it in, and looks for it with a phone or at a terminal. */
const SETTING_UP_MS = 600_000;
/** A network is joined within some seconds or not for long. */
const STARTING_MS = 120_000;

export const BLINK_PATTERNS: Readonly<Record<ShownState, BlinkPattern>> = {
  /** Two short ones each ten seconds: to be seen by who comes days later. */
  safe_mode: { phasesMs: [100, 200, 100, 9_600], forMs: ALWAYS },
  provisioning: { phasesMs: [500, 500], forMs: SETTING_UP_MS },
  connecting_wifi: { phasesMs: [100, 900], forMs: STARTING_MS },
  /** For a moment: all day long it would cost a feeder on a battery more wakes than its scale does. */
  online: { phasesMs: [5_000, 0], forMs: 5_000 },
  uploading: { phasesMs: [ALWAYS, 0], forMs: ALWAYS },
};

export interface Blink {
  readonly isOn: boolean;
  /** Undefined: it stays so. */
  readonly changesInMs: number | undefined;
}

/** `shownMs`: since the pattern began. */
export function blinkAt({ phasesMs, forMs }: BlinkPattern, shownMs: number): Blink {
  if (shownMs >= forMs) return { isOn: false, changesInMs: undefined };
  const cycleMs = phasesMs.reduce((sum, phaseMs) => sum + phaseMs, 0);
  let intoMs = shownMs % cycleMs;
  for (const [index, phaseMs] of phasesMs.entries()) {
    if (intoMs < phaseMs) {
      const leftMs = Math.min(phaseMs - intoMs, forMs - shownMs);
      return { isOn: index % 2 === 0, changesInMs: leftMs < ALWAYS ? leftMs : undefined };
    }
    intoMs -= phaseMs;
  }
  return { isOn: false, changesInMs: undefined };
}

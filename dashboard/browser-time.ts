/** The page's clock, timers and chance: the only file that asks the browser for them. */

export function readClock(): number {
  return Date.now();
}

/** From 0 up to 1. */
export function drawChance(): number {
  return Math.random();
}

export type Cancel = () => void;

export function after(delayMs: number, act: () => void): Cancel {
  const timer = setTimeout(act, delayMs);
  return () => clearTimeout(timer);
}

export function every(periodMs: number, act: () => void): Cancel {
  const timer = setInterval(act, periodMs);
  return () => clearInterval(timer);
}

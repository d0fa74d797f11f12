const DAY_MS = 24 * 3_600_000;
/** Hardly anybody leaves a server off for so long, and needs the room at once. */
const JUMP_MAX_MS = 180 * DAY_MS;
/** A clock that is set by the network is right again long before; one that is set by hand is noticed. */
const DOUBTED_HOURS = 24;

/** The time that retention counts by: the clock's, unless that has jumped by months. */
export interface BelievedTime {
  readonly nowMs: number;
  readonly doubtedHours: number;
}

/** What is believed at the next of the hourly runs, when the clock says `clockMs`. */
export function believeClock(believed: BelievedTime, clockMs: number): BelievedTime {
  const { nowMs, doubtedHours } = believed;
  const isDoubted = clockMs - nowMs > JUMP_MAX_MS && doubtedHours < DOUBTED_HOURS;
  return isDoubted
    ? { nowMs, doubtedHours: doubtedHours + 1 }
    : { nowMs: clockMs, doubtedHours: 0 };
}

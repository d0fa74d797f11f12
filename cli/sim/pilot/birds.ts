import { DAY_MS, HOUR_MS, SECOND_MS } from "../../../host-sim/durations.ts";
import type { RandomStream } from "../../../host-sim/random.ts";

export interface Visit {
  /** From the beginning of the world. */
  readonly atMs: number;
  readonly stayMs: number;
}

export interface Guests {
  readonly days: number;
  /** On an ordinary day; one differs from the next by up to a third. */
  readonly visitsADay: number;
}

/** Weights of the hours of a day from midnight UTC: a peak behind sunrise, a lower one before sunset. An assumption. */
const HOURLY = [0, 0, 0, 0, 2, 6, 9, 9, 7, 6, 5, 5, 4, 4, 4, 5, 6, 7, 7, 5, 2, 0, 0, 0];
const TOTAL = HOURLY.reduce((sum, weight) => sum + weight, 0);
const SPREAD = 1 / 3;
const STAY_MIN_MS = 2 * SECOND_MS;
/** Most take a seed and leave, some stay for two stills more. */
const STAY_SPAN_MS = 33 * SECOND_MS;

/** When the birds come to one feeder, in order. */
export function drawVisits(random: RandomStream, { days, visitsADay }: Guests): Visit[] {
  const visits = Array.from({ length: days }, (_, day) => {
    const count = Math.round(visitsADay * (1 + SPREAD * (2 * random() - 1)));
    return Array.from({ length: count }, () => ({
      atMs: Math.floor(day * DAY_MS + timeOfDayMs(random)),
      stayMs: Math.floor(STAY_MIN_MS + STAY_SPAN_MS * random() ** 3),
    }));
  });
  return visits.flat().sort((one, other) => one.atMs - other.atMs);
}

function timeOfDayMs(random: RandomStream): number {
  let left = random() * TOTAL;
  const hour = HOURLY.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return (hour + random()) * HOUR_MS;
}

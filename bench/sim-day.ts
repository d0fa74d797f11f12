/** The day that is played: the smoke run only shows that it runs. */
import { DAY_MS, HOUR_MS } from "../host-sim/durations.ts";

const isSmoke = process.argv.includes("--smoke");

export const RUNS = isSmoke ? 1 : 5;
export const VISITS = isSmoke ? 1 : 40;
export const PLAYED_MS = isSmoke ? 2 * HOUR_MS : DAY_MS;

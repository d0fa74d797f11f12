import { wholeNumber } from "../option-values.ts";

const DAYS_MAX = 60;
const VISITS_MAX = 400;

export function seed(text: string): number {
  return wholeNumber(text, 0, 0xffffffff);
}

export function days(text: string): number {
  return wholeNumber(text, 1, DAYS_MAX);
}

export function visitsADay(text: string): number {
  return wholeNumber(text, 0, VISITS_MAX);
}

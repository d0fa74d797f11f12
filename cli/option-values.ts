import { InvalidArgumentError } from "commander";
import { parseSemVer } from "../protocol/semver.ts";

export function wholeNumber(text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
}

export function pathName(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("Name a file or folder.");
}

export function version(text: string): string {
  if (parseSemVer(text) !== undefined) return text;
  throw new InvalidArgumentError("Give a version like 1.2.3 (SemVer, at most 31 characters).");
}

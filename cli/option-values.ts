import { InvalidArgumentError } from "commander";

export function wholeNumber(text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
}

export function pathName(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("Name a file or folder.");
}

import { html } from "hono/html";
import type { Markup } from "./document.ts";

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** "3 minutes ago"; the moment itself is in the markup. */
export function agoText(atMs: number, nowMs: number): Markup {
  return html`<time datetime="${new Date(atMs).toISOString()}">${ago(nowMs - atMs)}</time>`;
}

/** In UTC: a page without script does not know its reader's zone. */
export function momentText(atMs: number): Markup {
  const iso = new Date(atMs).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace("T", " ")}</time>`;
}

export function waitText(seconds: number): string {
  return seconds < 90 ? countText(seconds, "second") : countText(Math.ceil(seconds / 60), "minute");
}

function ago(durationMs: number): string {
  for (const [unit, unitMs] of UNITS) {
    if (durationMs >= unitMs) return `${countText(Math.floor(durationMs / unitMs), unit)} ago`;
  }
  return "just now";
}

function countText(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

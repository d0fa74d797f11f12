/** GET /v1/index/:deviceId/:date, and the file photos/<deviceId>/indices/day-YYYY-MM-DD.json. */
export interface DayIndex {
  readonly deviceId: string;
  /** UTC calendar day, YYYY-MM-DD. */
  readonly date: string;
  readonly generatedTs: number;
  readonly updatedTs: number;
  /** Oldest first. */
  readonly events: readonly DayIndexEntry[];
}

export interface DayIndexEntry {
  readonly id: string;
  /** Capture time, milliseconds since the epoch. */
  readonly ts: number;
  readonly key: string;
  readonly kind: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Kept for ever. */
  readonly saved: boolean;
}

export function utcDate(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** True for a real calendar day: 2026-02-30 is not one. */
export function isUtcDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const timeMs = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(timeMs) && utcDate(timeMs) === text;
}

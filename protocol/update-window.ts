/** Minutes of the UTC day; over midnight when it ends before it begins. */
export interface UpdateWindow {
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** "22:00-04:30" */
export function isUpdateWindow(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/.test(text);
}

/** Undefined is at any time: for anything else, which is no reason to install nothing for ever, and for a whole day. */
export function parseUpdateWindow(text: string): UpdateWindow | undefined {
  if (!isUpdateWindow(text)) return undefined;
  const minuteAt = (at: number): number =>
    Number(text.slice(at, at + 2)) * 60 + Number(text.slice(at + 3, at + 5));
  const window = { fromMinute: minuteAt(0), toMinute: minuteAt(6) };
  return window.fromMinute === window.toMinute ? undefined : window;
}

/** A longer one would not fit beside its path in a packet that goes out in one piece (Improv). */
const SERVER_URL_CHARACTERS_MAX = 80;

/** Where a server is, as it is kept: without a slash at its end. Undefined for what a feeder cannot ask. */
export function parseServerUrl(text: string): string | undefined {
  const url = text.replace(/\/+$/, "");
  if (url.length > SERVER_URL_CHARACTERS_MAX) return undefined;
  const shape = /^https?:\/\/[A-Za-z0-9.-]+(?::(\d{1,5}))?(?:\/[\w.~/-]*)?$/;
  const match = shape.exec(url);
  if (match === null) return undefined;
  const port = Number(match[1] ?? 80);
  return port >= 1 && port <= 65_535 ? url : undefined;
}

/** If-None-Match (RFC 9110, 13.1.2): any, or one of a list; what a cache made weak still counts. */
export function isNoneMatch(header: string | undefined, etag: string): boolean {
  if (header === undefined) return true;
  const tags = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return !tags.includes("*") && !tags.includes(etag);
}

/** If-Range (RFC 9110, 13.1.5): exactly this tag; a weak one and a date, which objects do not have, never fit. */
export function isRangeOf(header: string | undefined, etag: string): boolean {
  return header === undefined || header.trim() === etag;
}

/** Names that become parts of keys, topics and paths: nothing in them needs escaping anywhere. */
export function isDeviceId(text: unknown): text is string {
  return typeof text === "string" && /^[A-Za-z0-9][A-Za-z0-9_-]{0,47}$/.test(text);
}

/** Unique within one device for ever: the server answers a repeated capture with the same object. */
export function isCaptureId(text: unknown): text is string {
  return typeof text === "string" && /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/.test(text);
}

export function isSha256Hex(text: unknown): text is string {
  return typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
}

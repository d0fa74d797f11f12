/** Names that become parts of keys, topics and paths: nothing in them needs escaping anywhere. */
const DEVICE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,47}$/;
const CAPTURE_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;

export function isDeviceId(text: unknown): text is string {
  return typeof text === "string" && DEVICE_ID.test(text);
}

/** Unique within one device for ever: the server answers a repeated capture with the same object. */
export function isCaptureId(text: unknown): text is string {
  return typeof text === "string" && CAPTURE_ID.test(text);
}

export function isSha256Hex(text: unknown): text is string {
  return typeof text === "string" && SHA256_HEX.test(text);
}

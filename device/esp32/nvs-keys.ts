/** Values in NVS that several parts read or write; what only one knows, it names itself. A key has at most 15 characters. */
export const NVS_KEYS = {
  wifi: "wifi",
  serverUrl: "serverUrl",
  /** What a person calls the feeder. */
  name: "name",
  deviceToken: "deviceToken",
  deviceConfig: "deviceConfig",
} as const;

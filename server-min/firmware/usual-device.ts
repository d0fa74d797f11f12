/** What a client of the first stack is, which does not say it. */
export const USUAL = {
  product: "skyfeeder",
  board: "feeder",
  chip: "esp32",
  channel: "stable",
} as const;

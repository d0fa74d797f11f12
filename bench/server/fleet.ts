import { createHash } from "node:crypto";

/** What both servers know before the load comes: the same devices, one release, which the devices already run. */
export const DEVICES = Array.from({ length: 100 }, (_, index) => `feeder-${index + 1}`);

export const RELEASED_JAVASCRIPT = "run()";
const RUNNING_ELF = createHash("sha256").update(RELEASED_JAVASCRIPT).digest("hex");

export const CHECK_UPDATE = {
  current_version: "1.0.0",
  labels: [],
  board: "feeder",
  chip: "esp32",
  channel: "stable",
  elfSha256: RUNNING_ELF,
  slotBytes: 0x1b0000,
  sequence: 1,
  ledger: [],
};

export const HEARTBEAT = {
  version: "1.0.0",
  elfSha256: RUNNING_ELF,
  slot: 0,
  bootCount: 3,
  status: "confirmed",
};

export const PRESIGN = {
  kind: "photos",
  contentType: "image/jpeg",
  size: 20_000,
  sha256: "8".repeat(64),
};

/** What a server's process tells when it is ready. */
export interface StartedServer {
  readonly url: string;
  /** By device id. */
  readonly tokens: Readonly<Record<string, string>>;
}

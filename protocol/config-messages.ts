/** What feeders and server say to each other about settings. */
import { isRecord } from "./json.ts";

/** `cmd.config` in the room: the settings of this version, whole. The feeder itself judges them. */
export interface ConfigCommand {
  readonly version: number;
  readonly settings: unknown;
}

/** Why a version is not in effect. Stable. */
export type ConfigFailure =
  | "invalid_settings"
  /** Within the deadline no session opened. */
  | "server_unreachable"
  /** The firmware ended by itself with it. */
  | "crash"
  /** The board was restarted again and again before it was known to be good. */
  | "restarts"
  | "safe_mode";

/** Where a feeder stands: `event.config`, and in each heartbeat. */
export interface ConfigReport {
  readonly status: "applied" | "trial" | "rejected" | "rolled_back";
  /** Whose settings are in effect; 0: none were ever set. */
  readonly version: number;
  /** The newest that it was told of. */
  readonly latest: number;
  /** Of a newest one that is not in effect. */
  readonly reason?: ConfigFailure;
  /** Of settings that it rejects: the first mistake. */
  readonly detail?: string;
}

const VERSION_MAX = 2 ** 31 - 1;

export function isConfigVersion(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= VERSION_MAX;
}

export function parseConfigCommand(payload: unknown): ConfigCommand | undefined {
  if (!isRecord(payload) || !isConfigVersion(payload.version)) return undefined;
  return { version: payload.version, settings: payload.settings };
}

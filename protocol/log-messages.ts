/** A feeder's log, followed from afar: for some minutes, because lines cost air time and memory. */
import { isRecord } from "./json.ts";

/** The worst first. */
export const REMOTE_LOG_LEVELS = ["error", "warn", "info"] as const;
export type RemoteLogLevel = (typeof REMOTE_LOG_LEVELS)[number];

export const REMOTE_LOG_MINUTES_MAX = 60;

export interface LogCommand {
  /** This level and what is worse. */
  readonly level: RemoteLogLevel;
  /** 0 ends it. */
  readonly minutes: number;
}

export interface RemoteLogLine {
  readonly level: RemoteLogLevel;
  readonly tag: string;
  readonly text: string;
  /** Before the event that brings it. */
  readonly age_ms: number;
}

export interface LogPayload {
  readonly lines: readonly RemoteLogLine[];
  /** Lines that there was no room for, since the event before. */
  readonly dropped: number;
}

export function parseLogCommand(payload: unknown): LogCommand | undefined {
  if (!isRecord(payload)) return undefined;
  const level = REMOTE_LOG_LEVELS.find((known) => known === payload.level);
  const { minutes } = payload;
  if (level === undefined || typeof minutes !== "number" || !Number.isInteger(minutes)) {
    return undefined;
  }
  return minutes >= 0 && minutes <= REMOTE_LOG_MINUTES_MAX ? { level, minutes } : undefined;
}

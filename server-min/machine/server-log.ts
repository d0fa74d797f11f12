import type { DestinationStream } from "pino";
import { pino } from "pino";
import type { AnsweredRequest } from "../requests/request-watch.ts";
import { StoreUnavailable } from "../storage/store-unavailable.ts";
import { describeError, loggable, printable } from "./log-text.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** What whoever runs the server is told while it runs. */
export interface ServerLog {
  notice(text: string): void;
  bug(error: unknown, requestId?: string): void;
  answered(request: AnsweredRequest): void;
}

/** What asks every few seconds whether the server is well, and is not worth a line each time. */
const PROBES: ReadonlySet<string> = new Set(["/healthz", "/health", "/readyz", "/metrics"]);

/** For a person at a terminal: requests only when they failed, or at level debug. */
export function textLog(write: (line: string) => void, level: LogLevel = "info"): ServerLog {
  return {
    // Once, at the first start, this is where a password is told.
    notice: (text) => write(printable(text)),
    bug: (error, requestId) => {
      const text = loggable(describeError(error));
      write(requestId === undefined ? text : `request ${requestId}: ${text}`);
    },
    answered: (request) => {
      const { method, route, status, durationMs, requestId, deviceId = "no device" } = request;
      if (status < 500 && level !== "debug") return;
      write(`${method} ${route} ${status} in ${durationMs} ms (${deviceId}, request ${requestId})`);
    },
  };
}

/** For a collector of logs: one JSON object a line. */
export function jsonLog(destination: DestinationStream, level: LogLevel = "info"): ServerLog {
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (name) => ({ level: name }) },
    },
    destination,
  );
  return {
    notice: (text) => log.info(loggable(text)),
    bug: (error, requestId) => {
      const text = loggable(describeError(error));
      if (error instanceof StoreUnavailable) log.error({ requestId, reason: text }, "store away");
      else log.error({ requestId, stack: text }, "bug");
    },
    answered: (request) => {
      const { durationMs: ms, requestId, method, route, status, deviceId } = request;
      log[levelOf(request)]({ requestId, deviceId, method, route, status, ms }, "request");
    },
  };
}

function levelOf({ status, route }: AnsweredRequest): LogLevel {
  if (status >= 500) return "error";
  return PROBES.has(route) ? "debug" : "info";
}

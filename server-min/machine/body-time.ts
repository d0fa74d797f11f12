import type { IncomingMessage, ServerResponse } from "node:http";
import { refused } from "../problem-answer.ts";
import { refuseConnection } from "./refused-connection.ts";

/** What a client may be silent for or lose on the way, whatever it sends. */
const SLACK_MS = 15_000;
/** A feeder on a bad link, with what the camera's line at 115200 baud leaves of it. */
const BYTES_A_SECOND_MIN = 4_000;

/** A longer time ends at once; nothing that is so large is read to its end. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * Ends a request whose body comes slower than any client of ours sends one: a connection is memory, and somebody who
 * holds thousands of them open with a byte a minute would hold all there are.
 */
export function limitBodyTime(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return;
  // Without a length it is small, or it is cut where small ends.
  const bytes = Number(request.headers["content-length"] ?? 0) || 0;
  const limitMs = Math.min(SLACK_MS + (bytes / BYTES_A_SECOND_MIN) * 1_000, TIMER_MAX_MS);
  const timer = setTimeout(() => {
    if (request.complete) return;
    if (response.headersSent) request.socket.destroy();
    else refuseConnection(request.socket, refused("request_timeout"));
  }, limitMs);
  timer.unref();
  request.once("close", () => clearTimeout(timer));
}

import { HTTP_WAITING_MAX } from "./limits.ts";
import type { Http, HttpRequest, HttpResult } from "./ports.ts";

/**
 * One HTTP exchange at a time: each TLS link costs tens of kilobytes, and the session's socket already holds one.
 * Requests wait their turn; their timeout runs from the turn on.
 */
export function serialHttp(http: Http): Http {
  const waiting: { request: HttpRequest; done: (result: HttpResult) => void }[] = [];
  let busy = false;

  function next(): void {
    const turn = waiting.shift();
    busy = turn !== undefined;
    if (turn === undefined) return;
    http.request(turn.request, (result) => {
      // First, so that the lane goes on whatever the answer does.
      next();
      turn.done(result);
    });
  }

  return {
    request(request, done) {
      if (waiting.length === HTTP_WAITING_MAX) throw new Error("http: too many requests waiting");
      waiting.push({ request, done });
      if (!busy) next();
    },
  };
}

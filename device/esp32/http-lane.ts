import type { Http, HttpLane } from "./ports.ts";

/**
 * One upload at a time: each TLS link costs tens of kilobytes. The session has the other link, for its discovery or for
 * its socket, and waits for nobody: a clip may take minutes.
 */
export function serialHttp(http: Http): HttpLane {
  const waiting: ((leave: () => void) => void)[] = [];
  let taken = false;

  function next(): void {
    const start = waiting.shift();
    taken = start !== undefined;
    start?.(next);
  }

  return {
    request: (request, done) => http.request(request, done),
    takeTurn(start) {
      waiting.push(start);
      if (!taken) next();
    },
  };
}

import type { Log } from "../ports.ts";

type AbortHook = (why: string, exception: unknown) => boolean;

/**
 * XS asks globalThis.abort before it restarts the board (manifest.json: xs.abortHook). false means go on: the
 * SDK's TLS throws inside socket callbacks, where nobody can catch it, for every wrong certificate.
 */
export function installAbortHook(log: Log): void {
  const hook: AbortHook = (why, exception) => {
    log.write("error", "abort", `${why}: ${String(exception)}`);
    return why !== "unhandled exception" && why !== "unhandled rejection";
  };
  Object.defineProperty(globalThis, "abort", { value: hook, configurable: true });
}

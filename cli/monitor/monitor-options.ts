import { EXIT } from "../failure.ts";
import { type Failed, failed } from "../outcome.ts";
import type { ServerOptions } from "../server/target.ts";
import type { BoundedPattern } from "./bounded-pattern.ts";
import type { LogLevel } from "./log-format.ts";

export interface MonitorOptions extends ServerOptions {
  readonly port?: string;
  readonly device?: string;
  readonly baud: number;
  readonly level?: LogLevel;
  readonly tag: readonly string[];
  readonly grep?: BoundedPattern;
  readonly log?: string;
  readonly elf?: string;
  readonly frames?: boolean;
}

/** What does not go together; `isGiven`: the option is in the command line. */
export function findConflict(
  { port, device, elf, frames }: MonitorOptions,
  isGiven: (option: string) => boolean,
): Failed | undefined {
  if (device === undefined) {
    if (!isGiven("server") && !isGiven("apiKeyFile")) return undefined;
    return usage("--server and --api-key-file are for --device", "--device ID --server URL");
  }
  if (port !== undefined) return usage("--port and --device are two boards", "one of them");
  if (elf !== undefined) return usage("a feeder sends no backtrace: --elf is for --port", "--port");
  if (frames === true) return usage("--frames is for a wire of the camera link", "--port PORT");
  return isGiven("baud") ? usage("--baud is for --port", "--device ID alone") : undefined;
}

function usage(message: string, hint: string): Failed {
  return failed("usage", message, hint, EXIT.usage);
}

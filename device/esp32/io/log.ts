import type { Log } from "../ports.ts";

export const traceLog: Log = {
  write: (level, tag, text) => trace(`${level} ${tag}: ${text}\n`),
};

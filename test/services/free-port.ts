import { once } from "node:events";
import { createServer } from "node:net";

/** Free a moment ago: for what cannot be told to take any. */
export async function freePort(): Promise<number> {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  await once(taken.close(), "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

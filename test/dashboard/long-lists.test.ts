import { expect, test, vi } from "vitest";
import { getFeeders } from "../../dashboard/api.ts";
import { makeBigFleet } from "../server-min/big-fleet.ts";
import { start } from "../server-min/started-server.ts";

test("the page reads a fleet of more than one page whole", async () => {
  const { url } = await start({ dataDir: await makeBigFleet() });
  // A browser takes addresses from its page on, Node only whole ones.
  const nodeFetch = globalThis.fetch;
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => nodeFetch(new URL(path, url), init));
  const answer = await getFeeders();
  vi.unstubAllGlobals();
  const ids = answer.ok ? answer.value.map(({ deviceId }) => deviceId) : [];
  expect([ids.length, ids[0], ids.at(-1)]).toEqual([2_001, "feeder-1000", "feeder-3000"]);
});

import { expect, test } from "vitest";
import { serialHttp } from "../../device/esp32/http-lane.ts";
import type { HttpRequest } from "../../device/esp32/ports.ts";

const DISCOVERY: HttpRequest = {
  method: "GET",
  url: "http://server.test/v1/discovery/dev1",
  headers: [],
  timeoutMs: 1_000,
};

test("turns are taken one at a time, in the order they were asked for", () => {
  const lane = serialHttp({ request: () => {} });
  const started: string[] = [];
  const leaves: (() => void)[] = [];
  for (const name of ["a", "b", "c"]) {
    lane.takeTurn((leave) => {
      started.push(name);
      leaves.push(leave);
    });
  }
  expect(started).toEqual(["a"]);
  leaves[0]?.();
  expect(started).toEqual(["a", "b"]);
  leaves[1]?.();
  leaves[2]?.();
  lane.takeTurn(() => started.push("d"));
  expect(started).toEqual(["a", "b", "c", "d"]);
});

test("discovery waits for no turn: a clip may take minutes", () => {
  const asked: string[] = [];
  const lane = serialHttp({ request: ({ url }) => void asked.push(url) });
  lane.takeTurn(() => {});
  lane.request(DISCOVERY, () => {});
  expect(asked).toEqual([DISCOVERY.url]);
});

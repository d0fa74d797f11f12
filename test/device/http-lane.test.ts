import { expect, test } from "vitest";
import { serialHttp } from "../../device/esp32/http-lane.ts";
import type { HttpRequest, HttpResult } from "../../device/esp32/ports.ts";

function request(url: string): HttpRequest {
  return { method: "GET", url, headers: [], timeoutMs: 1_000 };
}

test("exchanges take turns in order, and a fifth that waits is a bug of the caller", () => {
  const underWay: { url: string; done: (result: HttpResult) => void }[] = [];
  const lane = serialHttp({ request: ({ url }, done) => void underWay.push({ url, done }) });
  const ended: string[] = [];
  const ask = (url: string) => lane.request(request(url), () => ended.push(url));
  for (const url of ["a", "b", "c", "d", "e"]) ask(url);
  expect(underWay.map(({ url }) => url)).toEqual(["a"]);
  expect(() => ask("f")).toThrow("too many");
  for (let turn = 0; turn < 5; turn++) underWay[turn]?.done({ kind: "failed", reason: "timeout" });
  expect(underWay.map(({ url }) => url)).toEqual(["a", "b", "c", "d", "e"]);
  expect(ended).toEqual(["a", "b", "c", "d", "e"]);
});

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { overSockets } from "../../host-sim/network/over-sockets.ts";

test("a redirect is an answer and not a journey: the feeder's client follows none", async () => {
  const server = createServer((_request, answer) => {
    answer.writeHead(302, { location: "/elsewhere" }).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const { request } = overSockets("http://feeders.example", `http://127.0.0.1:${port}`);
  const url = "http://feeders.example/fw";
  const answer = await request({ url, method: "GET", headers: new Headers(), body: null });
  server.close();
  expect([answer.status, answer.headers.get("location")]).toEqual([302, "/elsewhere"]);
});

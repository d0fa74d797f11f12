import { request } from "node:http";
import { expect, test } from "vitest";
import { start } from "./started-server.ts";

/** fetch does not let its caller choose Host and Origin; a raw request does. */
async function ask(url: string, method: string, headers: Readonly<Record<string, string>>) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status?: number; text: string }>();
  const asking = request(`${url}/v1/viewer-token`, { method, headers }, async (answer) => {
    let text = "";
    for await (const part of answer) text += part;
    resolve({ status: answer.statusCode ?? 0, text });
  });
  asking.on("error", reject).end();
  return promise;
}

const PUBLIC_URL = "https://feeders.example";

test.each([
  ["no browser", {}],
  ["the page itself", { Host: "127.0.0.1:8080", Origin: "http://127.0.0.1:8080" }],
  ["the page under its other name", { Host: "127.0.0.1:8080", Origin: "http://localhost:8080" }],
  ["a page under development", { Host: "localhost:5173", Origin: "http://[::1]:5173" }],
  ["the page at its public address", { Host: "feeders.example", Origin: PUBLIC_URL }],
  ["a proxy that keeps its own name", { Host: "127.0.0.1", Origin: PUBLIC_URL }],
  ["a proxy on another port", { Host: "feeders.example:81", Origin: "http://feeders.example:81" }],
])("%s is answered", async (_, headers) => {
  const { url } = await start({ publicUrl: PUBLIC_URL });
  expect(await ask(url, "POST", headers)).toMatchObject({ status: 200 });
});

const HERE = { Host: "127.0.0.1" };

test.each([
  ["another site", "POST", { ...HERE, Origin: "https://evil.example" }],
  [
    "a site whose name begins like this machine's",
    "POST",
    { ...HERE, Origin: "http://localhost.evil.example" },
  ],
  ["a page of no origin", "POST", { ...HERE, Origin: "null" }],
  ["another port of the public host", "PUT", { ...HERE, Origin: `${PUBLIC_URL}:81` }],
  ["a name pointed at this machine", "GET", { Host: "evil.example:8080" }],
  [
    "a name pointed at this machine",
    "POST",
    { Host: "evil.example", Origin: "http://evil.example" },
  ],
])("a request of %s is refused: %s %j", async (_, method, headers) => {
  const server = await start({ publicUrl: PUBLIC_URL });
  const answer = await ask(server.url, method, headers);
  expect(answer).toMatchObject({ status: 403, text: expect.stringContaining(`"forbidden"`) });
});

test("a page of another site may show a photo", async () => {
  const { url } = await start();
  const { status } = await ask(url, "GET", { ...HERE, Origin: "https://blog.example" });
  expect(status).toBe(405);
});

test("a server that the network reaches answers to every name", async () => {
  const { url } = await start({ host: "0.0.0.0", insecure: true });
  const headers = { Host: "birds.local", Origin: "http://birds.example" };
  expect(await ask(url, "POST", headers)).toMatchObject({ status: 200 });
});

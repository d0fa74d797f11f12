import { expect, test } from "vitest";
import { ask, makeApiKey, openClosedServer } from "./closed-server.ts";

const FRIEND = "https://birds.example";

async function readFrom(Origin: string) {
  const server = openClosedServer({ allowedOrigins: [FRIEND] });
  const token = await makeApiKey(server);
  return ask(server, "GET /v1/devices", { token, headers: { Origin } });
}

test("a page of an allowed site reads answers", async () => {
  const { headers } = await readFrom(FRIEND);
  expect(headers.get("Access-Control-Allow-Origin")).toBe(FRIEND);
  expect(headers.get("Access-Control-Allow-Credentials")).toBeNull();
});

test.each([
  "https://evil.example",
  "https://birds.example.evil.example",
  "http://birds.example",
  "null",
])("a page of %s does not", async (origin) => {
  const { headers } = await readFrom(origin);
  expect(headers.get("Access-Control-Allow-Origin")).toBeNull();
});

test("a browser that asks beforehand is told without credentials", async () => {
  const server = openClosedServer({ allowedOrigins: [FRIEND] });
  const headers = {
    Origin: FRIEND,
    "Access-Control-Request-Method": "DELETE",
    "Access-Control-Request-Headers": "x-api-key",
  };
  const { status, headers: told } = await ask(server, "OPTIONS /v1/api-keys/1", { headers });
  expect(status).toBe(204);
  expect(told.get("Access-Control-Allow-Methods")).toContain("DELETE");
  expect(told.get("Access-Control-Allow-Headers")).toContain("X-API-Key");
});

test("without allowed sites, OPTIONS is a method like any other", async () => {
  const server = openClosedServer();
  const token = await makeApiKey(server);
  const asking = { token, headers: { Origin: FRIEND } };
  const { status, headers } = await ask(server, "OPTIONS /v1/devices", asking);
  expect(status).toBe(405);
  expect(headers.get("Access-Control-Allow-Origin")).toBeNull();
});

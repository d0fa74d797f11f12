import { SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { NOON_MS, openServer } from "../server-fixture.ts";
import { ask, enrol, logIn, makeApiKey, openClosedServer } from "./closed-server.ts";

/** Every route that answers somebody who has shown nothing. */
const OPEN = [
  "GET /health",
  "GET /healthz",
  "GET /readyz",
  "GET /openapi.json",
  "GET /docs",
  "GET /v1/session",
  "POST /v1/session",
  "POST /v1/enrolment",
  "POST /v1/enrolment/token",
  // Their paths and queries carry permissions of their own.
  "PUT /fput/:token",
  "GET /fw/:version/:file{.+\\.bin}",
  "GET /firmware/:version/image.bin",
  // Pages, which lead to the log-in.
  "GET /login",
  "POST /login",
  "POST /logout",
  "GET /fleet",
  "POST /fleet",
];

describe("on a server that trusts nobody", () => {
  const { app } = openClosedServer();
  const routes = app.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path}`);

  test.each([...new Set(routes)].filter((route) => !OPEN.includes(route)))(
    "%s answers 401 to a stranger",
    async (route) => {
      const path = route.replace(/:(\w+)(\{[^}]*\})?/g, "x");
      const { status, body, headers } = await ask(openClosedServer(), path, bodyOf(route));
      expect({ status, code: body.code }).toEqual({ status: 401, code: "token_missing" });
      expect(headers.get("WWW-Authenticate")).toBe("Bearer");
    },
  );

  test.each([
    "GET /v1/releases",
    "POST /v1/releases",
    "POST /v1/ota/command",
    "GET /v1/ota/status",
    "GET /v1/ota/log",
    "POST /v1/viewer-token",
    "GET /v1/api-keys",
    "POST /v1/api-keys",
    "DELETE /v1/api-keys/1",
    "GET /v1/enrolments",
    "POST /v1/enrolments/BCDF-GHJK/approve",
    "POST /v1/enrolments/BCDF-GHJK/deny",
    "POST /v1/devices/feeder-2/token",
    "DELETE /v1/devices/feeder-2/token",
    "PUT /v1/devices/feeder-1/config",
    "PATCH /v1/devices/feeder-1/config",
    "GET /v1/devices/feeder-2/config",
    "POST /v1/devices/feeder-1/log",
    "PUT /v1/devices/feeder-1/name",
    "GET /v1/audit",
    "GET /metrics",
    "GET /rooms",
  ])("%s is for operators: a device and a viewer are forbidden", async (route) => {
    const server = openClosedServer();
    const device = await enrol(server, "feeder-1");
    const viewer = await viewerToken(server, ["feeder-1"]);
    for (const token of [device, viewer]) {
      expect(await ask(server, route, { token, ...bodyOf(route) })).toMatchObject({ status: 403 });
    }
  });
});

describe("a device", () => {
  test.each([
    ["GET /v1/discovery/feeder-2", undefined],
    ["POST /v1/presign/put", { deviceId: "feeder-2", contentType: "image/jpeg" }],
    ["GET /v1/presign/get?deviceId=feeder-2&objectKey=feeder-2/x.jpg", undefined],
    ["POST /v1/ota/heartbeat", { deviceId: "feeder-2", version: "1.0.0" }],
    ["POST /api/v1/check-update", { deviceId: "feeder-2", current_version: "1.0.0" }],
    ["POST /api/v1/report-status", { deviceId: "feeder-2", version: "1.0.0", status: "failed" }],
    ["GET /v1/index/feeder-2/2026-05-01", undefined],
    ["GET /v1/days/feeder-2", undefined],
    ["GET /v1/devices/feeder-2/config", undefined],
    ["GET /v1/objects/photos/feeder-2/2026-05-01T12-00-00-000Z-c1.jpg", undefined],
    ["GET /v1/events?deviceId=feeder-2", undefined],
  ])("is forbidden %s of another", async (route, body) => {
    const server = openClosedServer();
    const token = await enrol(server, "feeder-1");
    const asking = body === undefined ? { token } : { token, body };
    expect(await ask(server, route, asking)).toMatchObject({
      status: 403,
      body: { code: "forbidden" },
    });
    const own = JSON.parse(JSON.stringify(asking).replaceAll("feeder-2", "feeder-1"));
    const { status } = await ask(server, route.replaceAll("feeder-2", "feeder-1"), own);
    expect([200, 404]).toContain(status);
  });

  test("sees itself alone among the devices", async () => {
    const server = openClosedServer();
    const token = await enrol(server, "feeder-1");
    await ask(server, "GET /v1/discovery/feeder-2", { token: await enrol(server, "feeder-2") });
    await ask(server, "GET /v1/discovery/feeder-1", { token });
    const { body } = await ask(server, "GET /v1/devices", { token });
    expect(body).toMatchObject({ devices: [{ deviceId: "feeder-1" }] });
  });
});

describe("a viewer", () => {
  test("sees the rooms of its token, and says nothing in anybody's name", async () => {
    const server = openClosedServer();
    const token = await viewerToken(server, ["feeder-1"]);
    const allowed = await ask(server, "GET /v1/days/feeder-1", { token });
    const other = await ask(server, "GET /v1/days/feeder-2", { token });
    const body = { deviceId: "feeder-1", contentType: "image/jpeg" };
    const upload = await ask(server, "POST /v1/presign/put", { token, body });
    expect([allowed.status, other.status, upload.status]).toEqual([200, 403, 403]);
  });

  test("may have its token in the URL, where an <img> has no other place for it", async () => {
    const server = openClosedServer();
    const token = await viewerToken(server, ["*"]);
    expect(await ask(server, `GET /v1/days/feeder-1?token=${token}`)).toMatchObject({
      status: 200,
    });
  });
});

describe("an operator", () => {
  test.each(["X-API-Key", "Authorization"])("has its key in %s", async (header) => {
    const server = openClosedServer();
    const key = await makeApiKey(server);
    const headers = { [header]: header === "Authorization" ? `Bearer ${key}` : key };
    expect(await ask(server, "GET /v1/releases", { headers })).toMatchObject({ status: 200 });
  });

  test("does not speak in a device's name", async () => {
    const server = openClosedServer();
    const token = await makeApiKey(server);
    const body = { deviceId: "feeder-1", version: "1.0.0" };
    const answer = await ask(server, "POST /v1/ota/heartbeat", { token, body });
    expect(answer).toMatchObject({ status: 403 });
  });
});

const key = new TextEncoder().encode("device secret");
const DEVICE = { aud: "skyfeeder:device", sub: "feeder-1" };
const NOON_S = NOON_MS / 1000;

describe("a token", () => {
  test.each([
    ["that is no token", "token_invalid", async () => "x"],
    ["of dots", "token_invalid", async () => "..."],
    ["without a signature", "token_invalid", async () => unsigned({ alg: "HS256", kid: "k1" })],
    ["of alg none", "token_invalid", async () => unsigned({ alg: "none", kid: "k1" })],
    ["of an unknown key", "token_invalid", () => signed({}, { kid: "k2" })],
    ["of no key", "token_invalid", () => signed({}, {})],
    ["of another secret", "token_invalid", () => signed({}, { kid: "k1" }, "other secret")],
    ["for another audience", "token_invalid", () => signed({ aud: "other" })],
    ["of a bad device", "token_invalid", () => signed({ sub: "../x" })],
    ["that never expires", "token_invalid", () => signed({ exp: undefined })],
    ["that expires some day", "token_invalid", () => signed({ exp: "soon" })],
    ["that has expired", "token_expired", () => signed({ exp: NOON_S })],
    ["of before the device was let in", "token_revoked", () => signed({ iat: NOON_S - 1 })],
    ["of a device that was never let in", "token_revoked", () => signed({ sub: "feeder-9" })],
    ["altered by a letter", "token_invalid", async (token: string) => alter(token)],
    ["of a feeder's room", "token_invalid", (token: string, server) => roomToken(token, server)],
  ] as [
    string,
    string,
    (token: string, server: ReturnType<typeof openClosedServer>) => Promise<string>,
  ][])("%s is refused: %s", async (_, code, make) => {
    const server = openClosedServer();
    const good = await enrol(server, "feeder-1");
    const token = await make(good, server);
    const { status, body } = await ask(server, "GET /v1/days/feeder-1", { token });
    expect({ status, code: body.code }).toEqual({ status: 401, code });
    const still = await ask(server, "GET /v1/days/feeder-1", { token: good });
    expect(still.status).toBe(200);
  });

  async function signed(claims: object, header: object = { kid: "k1" }, secret = "device secret") {
    const told = { ...DEVICE, iat: NOON_S, exp: NOON_S + 3600, ...claims };
    return new SignJWT(told as never)
      .setProtectedHeader({ alg: "HS256", ...header })
      .sign(secret === "device secret" ? key : new TextEncoder().encode(secret));
  }
});

test("a cookie is no good from another site's page", async () => {
  const server = openClosedServer();
  const Cookie = await logIn(server);
  const from = (Origin: string) =>
    ask(server, "POST /v1/viewer-token", { headers: { Cookie, Origin } });
  expect(await from("https://evil.example")).toMatchObject({ status: 403 });
  expect(await from("https://x.feeders.example")).toMatchObject({ status: 403 });
  expect(await from("null")).toMatchObject({ status: 403 });
  expect(await from("https://feeders.example")).toMatchObject({ status: 200 });
});

test("an open server takes everybody for whoever they say they are", async () => {
  const server = openServer();
  expect(await ask(server, "GET /v1/discovery/feeder-1")).toMatchObject({ status: 200 });
  expect(await ask(server, "GET /v1/audit", { token: "x" })).toMatchObject({ status: 200 });
});

function bodyOf(route: string) {
  return route.startsWith("GET") ? {} : { body: {} };
}

async function viewerToken(server: ReturnType<typeof openClosedServer>, rooms: string[]) {
  const token = await makeApiKey(server, "viewers");
  const { body } = await ask(server, "POST /v1/viewer-token", { token, body: { rooms } });
  return String(body.token);
}

async function roomToken(token: string, server: ReturnType<typeof openClosedServer>) {
  const { body } = await ask(server, "GET /v1/discovery/feeder-1", { token });
  return new URL(String(body.signal_ws)).searchParams.get("token") ?? "";
}

function unsigned(header: object): string {
  const claims = { ...DEVICE, iat: NOON_S, exp: NOON_S + 3600 };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part(header)}.${part(claims)}.`;
}

function alter(token: string): string {
  const at = token.length - 5;
  return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
}

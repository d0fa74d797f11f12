import { describe, expect, test } from "vitest";
import { release } from "../firmware-fixture.ts";
import { openServer } from "../server-fixture.ts";
import { ask, enrol, logIn, makeApiKey, openClosedServer, PASSWORD } from "./closed-server.ts";

const DAY_MS = 24 * 3600 * 1000;

describe("a log-in", () => {
  test("gives a cookie that no script and no other site sees", async () => {
    const server = openClosedServer();
    const { status, headers } = await ask(server, "POST /v1/session", {
      body: { password: PASSWORD },
    });
    expect(status).toBe(204);
    expect(headers.get("Set-Cookie")).toMatch(
      /^skyfeeder_session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  test("ends when it is ended, and after 30 days", async () => {
    const server = openClosedServer();
    const first = { Cookie: await logIn(server) };
    const second = { Cookie: await logIn(server) };
    const who = async (headers: { Cookie: string }) =>
      (await ask(server, "GET /v1/session", { headers })).status;
    expect(await who(first)).toBe(200);
    await ask(server, "DELETE /v1/session", { headers: first });
    expect([await who(first), await who(second)]).toEqual([401, 200]);
    server.clock.advance(30 * DAY_MS);
    expect(await who(second)).toBe(401);
  });

  test("is no matter on an open server", async () => {
    const body = { password: PASSWORD };
    expect(await ask(openServer(), "POST /v1/session", { body })).toMatchObject({ status: 404 });
  });
});

describe("guessing the password", () => {
  const guess = (
    server: ReturnType<typeof openClosedServer>,
    address: string,
    password = "guess",
  ) => ask(server, "POST /v1/session", { body: { password }, address });

  test("costs an address twice the time with every guess, and nobody else", async () => {
    const server = openClosedServer();
    for (let tries = 0; tries < 5; tries++) {
      expect(await guess(server, "192.0.2.66")).toMatchObject({ body: { code: "password_wrong" } });
    }
    const refused = await guess(server, "192.0.2.66", PASSWORD);
    expect(refused).toMatchObject({ status: 429, body: { code: "too_many_tries" } });
    expect(refused.headers.get("Retry-After")).toBe("1");
    expect(await guess(server, "192.0.2.1", PASSWORD)).toMatchObject({ status: 204 });
    server.clock.advance(1_000);
    await guess(server, "192.0.2.66");
    const later = await guess(server, "192.0.2.66");
    expect(later.headers.get("Retry-After")).toBe("2");
    server.clock.advance(2_000);
    expect(await guess(server, "192.0.2.66", PASSWORD)).toMatchObject({ status: 204 });
  });

  test("costs an IPv6 network the same, from whichever of its addresses", async () => {
    const server = openClosedServer();
    for (let tries = 1; tries <= 5; tries++) await guess(server, `2001:db8:0:7::${tries}`);
    expect(await guess(server, "2001:db8:0:7:a:b:c:d", PASSWORD)).toMatchObject({ status: 429 });
    expect(await guess(server, "2001:db8:0:8::1", PASSWORD)).toMatchObject({ status: 204 });
  });

  test("is not punished beyond its time when the server's clock is put back", async () => {
    const server = openClosedServer();
    for (let tries = 0; tries < 5; tries++) await guess(server, "192.0.2.66");
    server.clock.advance(-60 * 60_000);
    expect(await guess(server, "192.0.2.66", PASSWORD)).toMatchObject({ status: 204 });
  });

  test("from many addresses at once is bounded by the minute", async () => {
    const server = openClosedServer();
    const codes: unknown[] = [];
    for (let host = 0; host < 40; host++) {
      codes.push((await guess(server, `198.51.100.${host}`)).status);
    }
    expect(codes.filter((status) => status === 401)).toHaveLength(30);
    expect(codes.filter((status) => status === 429)).toHaveLength(10);
    server.clock.advance(60_000);
    expect(await guess(server, "192.0.2.1", PASSWORD)).toMatchObject({ status: 204 });
  });

  test("is in the audit log, without what was guessed", async () => {
    const server = openClosedServer();
    await guess(server, "192.0.2.66", "nearly the password");
    const token = await makeApiKey(server);
    const { body } = await ask(server, "GET /v1/audit", { token });
    expect(JSON.stringify(body)).not.toContain("nearly the password");
    expect(body.entries).toContainEqual(
      expect.objectContaining({ action: "log_in_refused", target: "192.0.2.66" }),
    );
  });
});

describe("an API key", () => {
  test("is told once, kept as a hash, and gone when it is revoked", async () => {
    const server = openClosedServer();
    const token = await makeApiKey(server, "garden screen");
    const { body } = await ask(server, "GET /v1/api-keys", { token });
    const [kept] = body.keys as { id: string }[];
    expect(kept).toMatchObject({ name: "garden screen", revokedTs: null });
    expect(JSON.stringify(body)).not.toContain(token);
    const rows = await server.sql.selectFrom("api_keys").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(token);
    await ask(server, `DELETE /v1/api-keys/${kept?.id}`, { token });
    expect(await ask(server, "GET /v1/api-keys", { token })).toMatchObject({
      status: 401,
      body: { code: "token_invalid" },
    });
  });

  test.each(["", "../x", "a\nb", "x".repeat(65)])("is not named %j", async (name) => {
    const server = openClosedServer();
    const headers = { Cookie: await logIn(server) };
    const answer = await ask(server, "POST /v1/api-keys", { headers, body: { name } });
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });

  test("has a name of its own", async () => {
    const server = openClosedServer();
    const token = await makeApiKey(server, "screen");
    const answer = await ask(server, "POST /v1/api-keys", { token, body: { name: "screen" } });
    expect(answer).toMatchObject({ status: 409, body: { code: "name_taken" } });
  });
});

describe("the audit log", () => {
  test("has who did what to which, newest first, in pages", async () => {
    const server = openClosedServer();
    await enrol(server, "feeder-1");
    const token = await makeApiKey(server, "doorbell");
    await ask(server, "DELETE /v1/devices/feeder-1/token", { token });
    const { body } = await ask(server, "GET /v1/audit?limit=2", { token });
    const entries = body.entries as { id: number }[];
    expect(entries).toMatchObject([
      { who: "doorbell", action: "revoke_device", target: "feeder-1" },
      { who: "admin", action: "make_api_key", after: { name: "doorbell" } },
    ]);
    const { body: older } = await ask(server, `GET /v1/audit?before=${entries[1]?.id}`, { token });
    expect(older.entries).toContainEqual(
      expect.objectContaining({
        who: "admin",
        action: "approve_device",
        target: "feeder-1",
        after: { claimCode: expect.any(String), address: "192.0.2.1" },
      }),
    );
  });

  test("has log-outs, and viewers' tokens but the page's own", async () => {
    const server = openClosedServer();
    const headers = { Cookie: await logIn(server) };
    const make = (body?: object) => ask(server, "POST /v1/viewer-token", { headers, body });
    await make();
    await make({ rooms: ["feeder-1", "feeder-2"] });
    await make({ expiresIn: 86_400 });
    await ask(server, "DELETE /v1/session", { headers });
    const token = await makeApiKey(server);
    const { body } = await ask(server, "GET /v1/audit", { token });
    const entries = (body.entries as { who: string; action: string }[]).slice(2);
    expect(entries).toMatchObject([
      { who: "admin", action: "log_out", target: "192.0.2.1" },
      { who: "admin", action: "make_viewer_token", target: "*", after: { expiresIn: 86_400 } },
      { who: "admin", target: "feeder-1 feeder-2", after: { expiresIn: 3_600 } },
      { who: "admin", action: "log_in" },
    ]);
  });

  test.each(["admin", "Starter", "nobody", "anyone"])("has no key of the name %s", async (name) => {
    const server = openClosedServer();
    const headers = { Cookie: await logIn(server) };
    const made = await ask(server, "POST /v1/api-keys", { headers, body: { name } });
    expect(made).toMatchObject({ status: 409, body: { code: "name_taken" } });
  });

  test("has releases and commands, before and after", async () => {
    const server = openServer();
    await release(server, "1.0.0");
    await ask(server, "POST /v1/releases/1.0.0/block", { body: { reason: "eats seed" } });
    await ask(server, "GET /v1/discovery/feeder-1");
    await ask(server, "POST /v1/ota/command", { body: { deviceId: "feeder-1", action: "update" } });
    const { body } = await ask(server, "GET /v1/audit");
    expect(body.entries).toMatchObject([
      { action: "command", target: "feeder-1", after: { action: "update", delivered: false } },
      {
        action: "block_release",
        target: "1.0.0",
        before: { blocked: null },
        after: { blocked: { reason: "eats seed" } },
      },
      { who: "anyone", action: "publish_release", target: "1.0.0", after: { version: "1.0.0" } },
    ]);
  });

  test.each(["limit=0", "limit=1001", "limit=x", "before=-1", "before=1e9"])(
    "%s is refused",
    async (query) => {
      const answer = await ask(openServer(), `GET /v1/audit?${query}`);
      expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    },
  );
});

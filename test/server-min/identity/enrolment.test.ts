import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeClaimCode, readClaimCode } from "../../../server-min/identity/claim-code.ts";
import { joinWith } from "../server-fixture.ts";
import { ask, enrol, logIn, openClosedServer } from "./closed-server.ts";

const HALF_HOUR_MS = 30 * 60 * 1000;

async function begin(server: ReturnType<typeof openClosedServer>, deviceId = "feeder-1") {
  const { body } = await ask(server, "POST /v1/enrolment", { body: { deviceId } });
  const { deviceCode, claimCode } = body as { deviceCode: string; claimCode: string };
  const poll = () => ask(server, "POST /v1/enrolment/token", { body: { deviceId, deviceCode } });
  return { deviceCode, claimCode, poll };
}

async function decide(server: ReturnType<typeof openClosedServer>, code: string, verb = "approve") {
  const headers = { Cookie: await logIn(server) };
  return ask(server, `POST /v1/enrolments/${code}/${verb}`, { headers });
}

test("a device that nobody knows shows a code, is approved by it, and has a token that works", async () => {
  const server = openClosedServer();
  const { claimCode, poll } = await begin(server);
  expect(await poll()).toMatchObject({ status: 400, body: { code: "authorization_pending" } });

  const headers = { Cookie: await logIn(server) };
  const { body } = await ask(server, "GET /v1/enrolments", { headers });
  expect(body.enrolments).toMatchObject([
    { deviceId: "feeder-1", claimCode, address: "192.0.2.1" },
  ]);
  expect(await decide(server, claimCode)).toMatchObject({ body: { deviceId: "feeder-1" } });

  const { body: answer } = await poll();
  const token = String(answer.token);
  const discovered = await ask(server, "GET /v1/discovery/feeder-1", { token });
  expect(discovered).toMatchObject({ status: 200, body: { deviceId: "feeder-1" } });
  const { body: after } = await ask(server, "GET /v1/enrolments", { headers });
  expect(after.enrolments).toEqual([]);
});

test("a token whose answer was lost is asked for again", async () => {
  const server = openClosedServer();
  const { claimCode, poll } = await begin(server);
  await decide(server, claimCode);
  expect(await poll()).toMatchObject({ status: 200 });
  expect(await poll()).toMatchObject({ status: 200 });
});

test.each(["deny", "approve"])(
  "a code is decided once: the second %s finds nothing",
  async (verb) => {
    const server = openClosedServer();
    const { claimCode } = await begin(server);
    await decide(server, claimCode, verb);
    expect(await decide(server, claimCode, "approve")).toMatchObject({ status: 404 });
  },
);

test("a device that was denied is told so", async () => {
  const server = openClosedServer();
  const { claimCode, poll } = await begin(server);
  await decide(server, claimCode, "deny");
  expect(await poll()).toMatchObject({ status: 403, body: { code: "access_denied" } });
});

test("after half an hour both codes are void", async () => {
  const server = openClosedServer();
  const { claimCode, poll } = await begin(server);
  server.clock.advance(HALF_HOUR_MS);
  expect(await poll()).toMatchObject({ status: 400, body: { code: "expired_token" } });
  expect(await decide(server, claimCode)).toMatchObject({ status: 404 });
});

test("the code of another device's enrolment gives no token", async () => {
  const server = openClosedServer();
  const { claimCode, deviceCode } = await begin(server, "feeder-1");
  await decide(server, claimCode);
  const body = { deviceId: "feeder-2", deviceCode };
  const answer = await ask(server, "POST /v1/enrolment/token", { body });
  expect(answer).toMatchObject({ status: 400, body: { code: "expired_token" } });
});

test("a flood of enrolments leaves a bounded list, and one device's own takes no other's place", async () => {
  const server = openClosedServer();
  const mine = await begin(server, "feeder-1");
  for (let count = 0; count < 20; count++) await begin(server, "feeder-2");
  const headers = { Cookie: await logIn(server) };
  const { body } = await ask(server, "GET /v1/enrolments", { headers });
  expect(body.enrolments).toHaveLength(6);
  expect(await decide(server, mine.claimCode)).toMatchObject({ status: 200 });
});

test("who asks under a device's name from elsewhere takes neither its code nor its token away", async () => {
  const server = openClosedServer();
  const { claimCode, poll } = await begin(server);
  const flood = async () => {
    server.clock.advance(1_000);
    const asking = { body: { deviceId: "feeder-1" }, address: "192.0.2.66" };
    for (let count = 0; count < 6; count++) await ask(server, "POST /v1/enrolment", asking);
  };
  await flood();
  expect(await decide(server, claimCode)).toMatchObject({ status: 200 });
  await flood();
  for (let count = 0; count < 6; count++) await begin(server);
  expect(await poll()).toMatchObject({ status: 200 });
});

test("who asks on and on is told to wait, and others are not", async () => {
  const server = openClosedServer();
  const from = (address: string) =>
    ask(server, "POST /v1/enrolment", { body: { deviceId: "feeder-1" }, address });
  for (let count = 0; count < 30; count++) await from(`2001:db8::${count}`);
  expect(await from("2001:db8::ffff")).toMatchObject({ status: 429 });
  for (let count = 0; count < 30; count++) await from("192.0.2.66");
  const refused = await from("192.0.2.66");
  expect(refused).toMatchObject({ status: 429, body: { code: "too_many_tries" } });
  expect(refused.headers.get("Retry-After")).toBe("60");
  expect(await from("192.0.2.1")).toMatchObject({ status: 200 });
  server.clock.advance(60_000);
  expect(await from("192.0.2.66")).toMatchObject({ status: 200 });
});

test("from everywhere at once, a minute has its bound", async () => {
  const server = openClosedServer();
  const answers: number[] = [];
  for (let host = 0; host < 130; host++) {
    const asking = { body: { deviceId: "feeder-1" }, address: `198.51.100.${host}` };
    answers.push((await ask(server, "POST /v1/enrolment", asking)).status);
  }
  expect(answers.filter((status) => status === 200)).toHaveLength(120);
});

describe("a device that was let in", () => {
  test("renews its token, and the one before stays good until it expires", async () => {
    const server = openClosedServer();
    const first = await enrol(server, "feeder-1");
    server.clock.advance(90 * 24 * 3600 * 1000);
    const { body } = await ask(server, "POST /v1/device-token", { token: first });
    server.clock.advance(91 * 24 * 3600 * 1000);
    const days = (token: string) => ask(server, "GET /v1/days/feeder-1", { token });
    expect(await days(first)).toMatchObject({ status: 401, body: { code: "token_expired" } });
    expect(await days(String(body.token))).toMatchObject({ status: 200 });
  });

  test("is out at once when it is revoked, also of its room, and may enrol anew", async () => {
    const server = openClosedServer();
    const token = await enrol(server, "feeder-1");
    const { body } = await ask(server, "GET /v1/discovery/feeder-1", { token });
    const roomToken = new URL(String(body.signal_ws)).searchParams.get("token") ?? "";
    const feeder = joinWith(server.rooms, roomToken);
    server.clock.advance(1_000);
    const headers = { Cookie: await logIn(server) };
    expect(await ask(server, "DELETE /v1/devices/feeder-1/token", { headers })).toMatchObject({
      status: 204,
    });
    expect(feeder.closed).toEqual(["1008 token_revoked"]);
    const refused = await ask(server, "GET /v1/days/feeder-1", { token });
    expect(refused).toMatchObject({ status: 401, body: { code: "token_revoked" } });
    const anew = await enrol(server, "feeder-1");
    expect(await ask(server, "GET /v1/days/feeder-1", { token: anew })).toMatchObject({
      status: 200,
    });
    expect(await ask(server, "GET /v1/days/feeder-1", { token })).toMatchObject({ status: 401 });
  });

  test("puts out whoever had its name before", async () => {
    const server = openClosedServer();
    const before = await enrol(server, "feeder-1");
    server.clock.advance(1_000);
    await enrol(server, "feeder-1");
    const answer = await ask(server, "GET /v1/days/feeder-1", { token: before });
    expect(answer).toMatchObject({ status: 401, body: { code: "token_revoked" } });
  });

  test("and had its name before gets no other token by the code it was let in with", async () => {
    const server = openClosedServer();
    const before = await begin(server);
    await decide(server, before.claimCode);
    await enrol(server, "feeder-1");
    expect(await before.poll()).toMatchObject({ status: 400, body: { code: "expired_token" } });
  });

  test("and was revoked gets none by it either, when its name is let in again", async () => {
    const server = openClosedServer();
    const before = await begin(server);
    await decide(server, before.claimCode);
    const headers = { Cookie: await logIn(server) };
    await ask(server, "DELETE /v1/devices/feeder-1/token", { headers });
    expect(await before.poll()).toMatchObject({ status: 400, body: { code: "expired_token" } });
    await ask(server, "POST /v1/devices/feeder-1/token", { headers });
    expect(await before.poll()).toMatchObject({ status: 400, body: { code: "expired_token" } });
  });

  test.each([0, 900])(
    "is put out by the next of its name also in the second of its renewal, at %i ms of it",
    async (offsetMs) => {
      const server = openClosedServer();
      server.clock.advance(offsetMs);
      const before = await enrol(server, "feeder-1");
      const { body } = await ask(server, "POST /v1/device-token", { token: before });
      const after = await enrol(server, "feeder-1");
      const days = (token: string) => ask(server, "GET /v1/days/feeder-1", { token });
      expect(await days(before)).toMatchObject({ status: 401, body: { code: "token_revoked" } });
      expect(await days(String(body.token))).toMatchObject({ status: 401 });
      expect(await days(after)).toMatchObject({ status: 200 });
      const third = await enrol(server, "feeder-1");
      expect(await days(before)).toMatchObject({ status: 401 });
      expect(await days(after)).toMatchObject({ status: 401 });
      expect(await days(third)).toMatchObject({ status: 200 });
    },
  );

  test("may be given its token by an operator who has it on the desk", async () => {
    const server = openClosedServer();
    const headers = { Cookie: await logIn(server) };
    const { body } = await ask(server, "POST /v1/devices/feeder-1/token", { headers });
    const token = String(body.token);
    expect(await ask(server, "GET /v1/discovery/feeder-1", { token })).toMatchObject({
      status: 200,
    });
  });

  test("is known to the server that comes after a restart", async () => {
    const server = openClosedServer();
    const token = await enrol(server, "feeder-1");
    const { sql, objects, clock } = server;
    const next = openClosedServer({ sql, objects, clock });
    expect(await ask(next, "GET /v1/days/feeder-1", { token })).toMatchObject({ status: 200 });
  });
});

describe("a claim code", () => {
  test("is read as people type it", () => {
    expect(readClaimCode(" wdjb mjht ")).toBe("WDJB-MJHT");
    expect(readClaimCode("WDJBMJHT")).toBe("WDJB-MJHT");
    expect(readClaimCode("WDJB-MJHA")).toBeUndefined();
    expect(readClaimCode("")).toBeUndefined();
  });

  test("whatever the dice, is one that is read back", () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.uint8Array({ minLength: 8, maxLength: 8 })), (draws) => {
        // No dice show 240 and above for ever.
        const random = {
          bytes: () => (draws.next().value ?? []).map((byte: number) => byte % 250),
        };
        const code = makeClaimCode(random);
        expect(readClaimCode(code)).toBe(code);
      }),
    );
  });
});

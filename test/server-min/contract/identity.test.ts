import { expect, onTestFinished, test } from "vitest";
import { ask, enrol, logIn, makeApiKey, openClosedServer } from "../identity/closed-server.ts";
import type { TestDatabase } from "./databases.ts";
import { describeDatabases } from "./databases.ts";

async function closedServerOn(database: TestDatabase) {
  const server = openClosedServer({ sql: await database.open() });
  onTestFinished(() => server.background.idle());
  return server;
}

describeDatabases(({ make }) => {
  test("a session ends with its log-out, for another server on the database too", async () => {
    const database = await make();
    const server = await closedServerOn(database);
    const other = await closedServerOn(database);
    const headers = { Cookie: await logIn(server) };
    expect((await ask(other, "GET /v1/devices", { headers })).status).toBe(200);
    await ask(server, "DELETE /v1/session", { headers });
    expect((await ask(other, "GET /v1/devices", { headers })).status).toBe(401);
    expect(server.bugs).toEqual([]);
  });

  test("keys are listed as they were made, and one name is given once", async () => {
    const server = await closedServerOn(await make());
    const token = await makeApiKey(server, "b");
    server.clock.advance(1);
    await makeApiKey(server, "a");
    const again = await ask(server, "POST /v1/api-keys", { token, body: { name: "b" } });
    expect(again).toMatchObject({ status: 409, body: { code: "name_taken" } });
    const { body } = await ask(server, "GET /v1/api-keys", { token });
    const keys = body.keys as { id: string; name: string }[];
    expect(keys).toMatchObject([{ name: "b", revokedTs: null }, { name: "a" }]);
    await ask(server, `DELETE /v1/api-keys/${keys[0]?.id}`, { token });
    expect((await ask(server, "GET /v1/api-keys", { token })).status).toBe(401);
  });

  test("a name that is let in again and again within a second is the last one's alone", async () => {
    const server = await closedServerOn(await make());
    const tokens: string[] = [];
    for (let n = 0; n < 3; n += 1) tokens.push(await enrol(server, "feeder-1"));
    const asked = tokens.map((token) => ask(server, "GET /v1/days/feeder-1", { token }));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses).toEqual([401, 401, 200]);
  });

  test("a device enrols, is revoked, and enrols anew", async () => {
    const server = await closedServerOn(await make());
    const first = await enrol(server, "feeder-1");
    const discover = (token: string) => ask(server, "GET /v1/discovery/feeder-1", { token });
    expect((await discover(first)).status).toBe(200);
    const headers = { Cookie: await logIn(server) };
    await ask(server, "DELETE /v1/devices/feeder-1/token", { headers });
    expect((await discover(first)).status).toBe(401);
    server.clock.advance(1_000);
    const second = await enrol(server, "feeder-1");
    expect([(await discover(first)).status, (await discover(second)).status]).toEqual([401, 200]);
  });

  test("enrolments nobody has decided are bounded, the newest of a device stay", async () => {
    const server = await closedServerOn(await make());
    const codes: unknown[] = [];
    for (let count = 0; count < 7; count++) {
      server.clock.advance(1);
      const { body } = await ask(server, "POST /v1/enrolment", { body: { deviceId: "feeder-1" } });
      codes.unshift(body.claimCode);
    }
    const headers = { Cookie: await logIn(server) };
    const { body } = await ask(server, "GET /v1/enrolments", { headers });
    const open = body.enrolments as { claimCode: string }[];
    expect(open.map(({ claimCode }) => claimCode)).toEqual(codes.slice(0, 5));
  });

  test("who guesses passwords for days does not push what operators did out of the audit log", async () => {
    const server = await closedServerOn(await make());
    const token = await makeApiKey(server);
    const guess = { at_ms: 1, who: "nobody", action: "log_in_refused", target: "192.0.2.66" };
    const guesses = Array.from({ length: 1_000 }, () => ({ ...guess, before: null, after: null }));
    for (let n = 0; n < 11; n += 1)
      await server.sql.insertInto("audit_log").values(guesses).execute();
    for (let n = 0; n < 50; n += 1) {
      const made = await ask(server, "POST /v1/api-keys", { token, body: { name: `key ${n}` } });
      await ask(server, `DELETE /v1/api-keys/${made.body.id}`, { token });
    }
    const rows = await server.sql.selectFrom("audit_log").selectAll().orderBy("id").execute();
    const refused = rows.filter(({ action }) => action === "log_in_refused");
    expect(refused).toHaveLength(10_000);
    expect(rows.slice(0, 2)).toMatchObject([{ action: "log_in" }, { action: "make_api_key" }]);
    expect(rows).toHaveLength(10_000 + 102);
  });

  test("the audit log is read newest first, in pages", async () => {
    const server = await closedServerOn(await make());
    const token = await makeApiKey(server, "screen");
    await enrol(server, "feeder-1");
    const { body } = await ask(server, "GET /v1/audit?limit=1", { token });
    const [newest] = body.entries as { id: number }[];
    const { body: older } = await ask(server, `GET /v1/audit?before=${newest?.id}`, { token });
    const entries = older.entries as { id: number; action: string }[];
    expect(entries.every(({ id }) => id < Number(newest?.id))).toBe(true);
    expect(entries).toContainEqual(
      expect.objectContaining({ action: "make_api_key", after: { name: "screen" }, before: null }),
    );
  });
});

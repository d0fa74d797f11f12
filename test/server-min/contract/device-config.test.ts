import { expect, test } from "vitest";
import { ask } from "../identity/closed-server.ts";
import { FEEDER, joinAs, type TestServer } from "../server-fixture.ts";
import { describeDatabases, serverOn } from "./databases.ts";

const CONFIG = "/v1/devices/feeder-1/config";

async function serverWithFeeder(make: () => Promise<Parameters<typeof serverOn>[0]>) {
  const database = await make();
  const server = await serverOn(database);
  const feeder = joinAs(server, FEEDER);
  feeder.heard();
  return { server, feeder, database };
}

async function tell(
  { background }: TestServer,
  feeder: { receive(text: string): void },
  report: object,
  type = "event.heartbeat",
): Promise<void> {
  const payload = type === "event.config" ? report : { version: "1.0.0", config: report };
  feeder.receive(JSON.stringify({ type, payload }));
  await background.idle();
}

function commands(feeder: { heard(): Record<string, unknown>[] }) {
  return feeder
    .heard()
    .filter(({ type }) => type === "cmd.config")
    .map(({ payload }) => payload);
}

const APPLIED = { status: "applied", version: 0, latest: 0 };

describeDatabases(({ make }) => {
  test("what is wanted has a version, is told to the feeder, and its end is known", async () => {
    const { server, feeder } = await serverWithFeeder(make);
    const empty = await ask(server, `GET ${CONFIG}`);
    expect(empty.body).toMatchObject({ version: 0, settings: {}, reported: null, applied: null });
    expect(empty.headers.get("ETag")).toBe('"0"');
    const put = await ask(server, `PUT ${CONFIG}`, { body: { clipSeconds: 0 } });
    expect(put).toMatchObject({ status: 200, body: { version: 1, settings: { clipSeconds: 0 } } });
    const patch = { heartbeatSeconds: 30, clipSeconds: null };
    const headers = { "If-Match": '"1"' };
    expect(await ask(server, `PATCH ${CONFIG}`, { body: patch, headers })).toMatchObject({
      body: { version: 2, settings: { heartbeatSeconds: 30 } },
    });
    const told = commands(feeder);
    expect(told).toEqual([
      { version: 1, settings: { clipSeconds: 0 } },
      { version: 2, settings: { heartbeatSeconds: 30 } },
    ]);
    await tell(
      server,
      feeder,
      { status: "rolled_back", version: 1, latest: 2, reason: "crash" },
      "event.config",
    );
    expect((await ask(server, `GET ${CONFIG}`)).body).toMatchObject({
      ...{ version: 2, applied: { clipSeconds: 0 } },
      reported: { status: "rolled_back", version: 1, latest: 2, reason: "crash", detail: null },
    });
  });

  test("a change that was based on an older version is refused", async () => {
    const { server } = await serverWithFeeder(make);
    const headers = { "If-Match": '"0"' };
    const body = { clipSeconds: 1 };
    const both = [1, 2].map(() => ask(server, `PUT ${CONFIG}`, { body, headers }));
    const answers = await Promise.all(both);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    expect(answers.find(({ status }) => status === 412)?.body.code).toBe("config_changed");
    expect((await ask(server, `GET ${CONFIG}`)).body.version).toBe(1);
  });

  test("every mistake is told at once, and nothing is changed", async () => {
    const { server, feeder } = await serverWithFeeder(make);
    const body = { clipSeconds: 9, jpegQualty: 1, heartbeatSeconds: 30 };
    const { status, body: problem } = await ask(server, `PUT ${CONFIG}`, { body });
    expect({ status, code: problem.code }).toEqual({ status: 422, code: "invalid_settings" });
    expect(problem.detail).toMatch(/^clipSeconds: must be .*; jpegQualty: no such setting$/);
    expect((await ask(server, `GET ${CONFIG}`)).body.version).toBe(0);
    expect(commands(feeder)).toEqual([]);
  });

  test("what another process was asked for is told by this one too, where the feeder missed it", async () => {
    const { server, feeder, database } = await serverWithFeeder(make);
    await tell(server, feeder, APPLIED);
    const other = await serverOn(database);
    expect(await ask(other, `PUT ${CONFIG}`, { body: { clipSeconds: 2 } })).toMatchObject({
      status: 200,
    });
    server.clock.advance(300_000);
    await tell(server, feeder, APPLIED);
    expect(commands(feeder)).toEqual([{ version: 1, settings: { clipSeconds: 2 } }]);
  });

  test("a feeder that does not know of it is told with each heartbeat, until it does", async () => {
    const { server, feeder, database } = await serverWithFeeder(make);
    feeder.leave();
    await ask(server, "GET /v1/discovery/feeder-1");
    await ask(server, `PUT ${CONFIG}`, { body: { clipSeconds: 0 } });
    const back = joinAs(server, FEEDER);
    for (const _ of ["lost on the way", "heard"]) await tell(server, back, APPLIED);
    expect(commands(back)).toHaveLength(2);
    await tell(server, back, { status: "trial", version: 1, latest: 1 });
    await tell(server, back, { status: "applied", version: 1, latest: 1 });
    expect(commands(back)).toEqual([]);
    // The next process of the server knows nothing but the database.
    const next = await serverOn(database);
    const there = joinAs(next, FEEDER);
    await tell(next, there, APPLIED);
    expect(commands(there)).toHaveLength(1);
  });

  test("a version is higher than any the feeder was told of, also of a database from a backup", async () => {
    const { server, feeder } = await serverWithFeeder(make);
    await tell(server, feeder, { status: "applied", version: 7, latest: 9 });
    const { body } = await ask(server, `PUT ${CONFIG}`, { body: {} });
    expect(body).toMatchObject({ version: 10, applied: null });
  });

  test("what was set before the server knew how far a feeder's numbers are gets a number above them", async () => {
    const { server, feeder } = await serverWithFeeder(make);
    await ask(server, `PUT ${CONFIG}`, { body: { clipSeconds: 2 } });
    expect(commands(feeder)).toMatchObject([{ version: 1 }]);
    const moved = { status: "applied", version: 9, latest: 9 };
    for (const _ of ["told of version 10", "and again until it has heard"]) {
      await tell(server, feeder, moved);
      expect(commands(feeder)).toEqual([{ version: 10, settings: { clipSeconds: 2 } }]);
    }
    await tell(server, feeder, { status: "applied", version: 10, latest: 10 });
    expect(commands(feeder)).toEqual([]);
    expect((await ask(server, `GET ${CONFIG}`)).body).toMatchObject({ version: 10 });
  });

  test("only the last fifty versions are kept", async () => {
    const { server, feeder } = await serverWithFeeder(make);
    await ask(server, `PUT ${CONFIG}`, { body: { clipSeconds: 1 } });
    await tell(server, feeder, { status: "applied", version: 1, latest: 1 });
    for (let version = 2; version <= 50; version++)
      await ask(server, `PUT ${CONFIG}`, { body: {} });
    expect((await ask(server, `GET ${CONFIG}`)).body.applied).toEqual({ clipSeconds: 1 });
    await ask(server, `PUT ${CONFIG}`, { body: {} });
    expect((await ask(server, `GET ${CONFIG}`)).body.applied).toBeNull();
  });
});

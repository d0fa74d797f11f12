import { expect, test } from "vitest";
import { getJson, storePhoto, type TestServer } from "../server-fixture.ts";
import { describeDatabases, serverOn } from "./databases.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

async function passDays(server: TestServer, days: number): Promise<void> {
  server.clock.advance(days * DAY_MS);
  await server.background.idle();
  server.clock.advance(HOUR_MS);
  await server.background.idle();
}

async function idsOf(server: TestServer) {
  const { body } = await getJson(server, "/v1/index/feeder-1/2026-05-01");
  return (body.events as { id: string; saved: boolean }[]).map(({ id, saved }) => [id, saved]);
}

describeDatabases(({ make }) => {
  test("what nobody saved goes when its time is over, and does not come back for 90 days", async () => {
    const server = await serverOn(await make());
    await server.background.idle();
    const capture = { captureId: "old", capturedAt: "2026-05-01T10:00:00Z" };
    const first = await storePhoto(server, capture);
    const kept = await storePhoto(server, { captureId: "kept" });
    for (const method of ["PUT", "PUT"]) {
      const answer = await server.app.request(`/v1/objects/${kept.body.key}/saved`, { method });
      expect(answer.status).toBe(200);
    }
    expect(await idsOf(server)).toEqual([
      ["old", false],
      ["kept", true],
    ]);
    await passDays(server, 31);
    expect(await idsOf(server)).toEqual([["kept", true]]);
    expect(server.objects.read(String(first.body.key), 0, 9)).toBeUndefined();
    expect(await storePhoto(server, capture)).toEqual(first);
    expect(await idsOf(server)).toEqual([["kept", true]]);
    await passDays(server, 91);
    expect((await storePhoto(server, capture)).status).toBe(200);
    expect((await idsOf(server)).map(([id]) => id)).toEqual(["old", "kept"]);
    expect(server.bugs).toEqual([]);
  });

  test("an object without a row gets one, and a second one of its capture goes", async () => {
    const database = await make();
    const { objects } = await serverOn(database);
    for (const name of ["2026-05-01T10-00-00-000Z-c1", "2026-05-01T11-00-00-000Z-c1"]) {
      const writer = objects.create(`photos/feeder-1/${name}.jpg`);
      writer.write(Buffer.from("great tit"));
      writer.commit();
    }
    const server = await serverOn(database, { objects });
    await server.background.idle();
    expect(await idsOf(server)).toEqual([["c1", false]]);
    expect((await getJson(server, "/v1/devices")).body.devices).toHaveLength(1);
    const keys: string[] = [];
    for await (const { key } of objects.list("photos/")) keys.push(key);
    expect(keys).toHaveLength(1);
    expect(server.bugs).toEqual([]);
  });
});

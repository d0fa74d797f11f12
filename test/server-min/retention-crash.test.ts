import { expect, test } from "vitest";
import { openForProcess } from "../../cli/sim/server/process-sqlite.ts";
import { CrashPoints, ServerProcess } from "../../host-sim/peers/server-process.ts";
import { MemoryObjects } from "../../server-min/storage/memory-objects.ts";
import { keepStatements, openDatabase } from "../../server-min/storage/node-sqlite.ts";
import { openServer, SettableClock, storePhoto } from "./server-fixture.ts";

const DAY_MS = 24 * 3_600_000;

type Statements = ReturnType<typeof keepStatements>;

/** As a process has it that ends nowhere. */
function databaseOf(statements: Statements) {
  return openForProcess(statements, new ServerProcess(new CrashPoints(), () => {}));
}

/** Two photos whose time is over in a month, and no server. */
async function leavePhotos() {
  const statements = keepStatements(openDatabase(":memory:"));
  const objects = new MemoryObjects();
  const server = openServer({ sql: databaseOf(statements), objects });
  for (const captureId of ["c1", "c2"]) await storePhoto(server, { captureId });
  await server.background.idle();
  return { statements, objects };
}

async function photosIn(objects: MemoryObjects): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of objects.list("photos/")) if (key.endsWith(".jpg")) keys.push(key);
  return keys;
}

test("whichever step it ends in, no row says of bytes that are there that they are gone", async () => {
  for (const when of ["before", "after"] as const) {
    for (let step = 1, ended = true; ended; step += 1) {
      const { statements, objects } = await leavePhotos();
      const clock = new SettableClock();
      clock.advance(31 * DAY_MS);
      const points = new CrashPoints();
      points.plan(step, when, "killed");
      const process = new ServerProcess(points, () => process.end());
      const sql = openForProcess(statements, process);
      await process.outlast(openServer({ sql, objects, clock }).background.idle());
      ended = !process.isAlive;

      const there = await photosIn(objects);
      const rows = await databaseOf(statements).selectFrom("objects").selectAll().execute();
      const freed = rows.filter(({ freed_at_ms: atMs }) => atMs !== null).map(({ key }) => key);
      expect(
        freed.filter((key) => there.includes(key)),
        `${when} step ${step}`,
      ).toEqual([]);

      const next = openServer({ sql: databaseOf(statements), objects, clock });
      await next.background.idle();
      expect([await photosIn(objects), next.bugs]).toEqual([[], []]);
    }
  }
});

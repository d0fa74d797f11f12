import { expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, startSystem } from "./system.ts";

test("a feeder keeps its photos while the server's disk is full, and delivers them all", async () => {
  const { world, server, feeder, taken, stored, heard } = await startSystem();
  world.after(MINUTE_MS, () => {
    server.freeBytes = 0;
    feeder.visit(8_000, 120);
  });
  world.after(20 * MINUTE_MS, () => feeder.visit(8_000, 120));
  await world.run(2 * HOUR_MS);
  expect(taken).toHaveLength(2);
  expect(await stored("photos")).toEqual([]);
  const retries = heard.map(({ message }) => message.payload as Record<string, unknown>);
  expect(retries).toContainEqual(
    expect.objectContaining({ status: "retry_scheduled", httpStatus: 507 }),
  );
  expect(retries).not.toContainEqual(expect.objectContaining({ status: "dropped" }));

  server.freeBytes = Infinity;
  await world.run(4 * HOUR_MS);
  expect((await stored("photos")).sort()).toEqual([...taken].sort());
});

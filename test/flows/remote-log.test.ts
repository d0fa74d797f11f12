import { expect, test } from "vitest";
import type { LogPayload } from "../../protocol/log-messages.ts";
import { MINUTE_MS, startSystem } from "./system.ts";

async function followedSystem(body: object) {
  const system = await startSystem();
  const follow = () =>
    system.ask("/v1/devices/dev1/log", { method: "POST", body: JSON.stringify(body) });
  await system.world.run(MINUTE_MS);
  const { status } = await follow();
  expect(status).toBe(202);
  await system.world.run(MINUTE_MS + 5_000);
  const events = () =>
    system.heard
      .filter(({ message }) => message.type === "event.log")
      .map(({ atMs, message }) => ({ atMs, payload: message.payload as LogPayload }));
  const lines = () => events().flatMap(({ payload }) => payload.lines);
  return { ...system, events, lines };
}

test("a feeder's log comes into its room, also what it said while it was away", async () => {
  const { world, internet, events, lines } = await followedSystem({ minutes: 10 });
  internet.reachability = "refused";
  internet.breakSockets();
  await world.run(2 * MINUTE_MS);
  expect(lines()).toEqual([]);
  internet.reachability = "up";
  await world.run(4 * MINUTE_MS);
  expect(lines().at(-1)).toMatchObject({ level: "info", tag: "session", text: "online" });
  expect(lines()[0]).toMatchObject({ level: "info", tag: "session" });
  expect(lines()[0]?.text).toMatch(/^closed: /);
  const [first] = events();
  const closedAtMs = (first?.atMs ?? 0) - (first?.payload.lines[0]?.age_ms ?? 0);
  expect(closedAtMs).toBeGreaterThan(MINUTE_MS);
  expect(closedAtMs).toBeLessThan(MINUTE_MS + 10_000);
});

test.each([
  ["only so bad or worse", { minutes: 10, level: "warn" }],
  ["for as long as was asked", { minutes: 1 }],
  ["until it is ended", { minutes: 0 }],
])("%s", async (_, body) => {
  const { world, internet, lines } = await followedSystem(body);
  await world.run(3 * MINUTE_MS);
  internet.breakSockets();
  await world.run(5 * MINUTE_MS);
  expect(lines()).toEqual([]);
});

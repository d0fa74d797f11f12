import { expect, test } from "vitest";
import { serialHttp } from "../../../device/esp32/http-lane.ts";
import { TokenRenewal } from "../../../device/esp32/identity/token-renewal.ts";
import { TokenStore } from "../../../device/esp32/identity/token-store.ts";
import { ServerPlace } from "../../../device/esp32/server-place.ts";
import { DAY_MS, HOUR_MS } from "../../../host-sim/durations.ts";
import { World } from "../../../host-sim/world.ts";
import { signDeviceToken } from "../../../server-min/identity/device-token.ts";

const ISSUED_AT_MS = Date.UTC(2026, 0, 1);
const KEYS = [{ kid: "k", secret: "s" }];
const tokenOf = (issuedAtMs: number) => signDeviceToken(KEYS, "dev1", issuedAtMs);

/** A feeder with this token whose server has that time, and answers a renewal so. */
function feederWith(
  token: string | undefined,
  { ageDays, status = 200, next = "" }: { ageDays: number; status?: number; next?: string },
) {
  const world = new World({ seed: 1, pace: "virtual", startedAtMs: 0 });
  const entries = new Map<string, string>();
  const store = new TokenStore({
    read: (key) => entries.get(key),
    write: (key, value) => entries.set(key, value),
    delete: (key) => entries.delete(key),
  });
  if (token !== undefined) store.keep(token);
  const time = {
    monotonicMs: () => Math.floor(world.nowMs),
    after: (delayMs: number, elapsed: () => void) => world.after(delayMs, elapsed),
  };
  const server = new ServerPlace(time, { learn() {} }, "http://server.test");
  server.learnTime(ISSUED_AT_MS + ageDays * DAY_MS);
  let asked = 0;
  let isConnected = true;
  const http = serialHttp({
    request: (_request, done) => {
      asked++;
      const body = JSON.stringify({ token: next, expiresIn: 1 });
      world.after(5, () => done({ kind: "answered", status, body }));
    },
  });
  const boot = () =>
    new TokenRenewal({ time, http, log: { write: () => {} } }, server, store, () => isConnected);
  return {
    world,
    store,
    forget: () => entries.delete("deviceToken"),
    boot,
    asked: () => asked,
    setConnected: (connected: boolean) => {
      isConnected = connected;
    },
  };
}

test("a token in its first half is left alone; in its last another takes its place", async () => {
  const next = tokenOf(ISSUED_AT_MS + 91 * DAY_MS);
  for (const [ageDays, kept] of [
    [89, tokenOf(ISSUED_AT_MS)],
    [91, next],
  ] as const) {
    const { world, store, boot } = feederWith(tokenOf(ISSUED_AT_MS), { ageDays, next });
    boot().look();
    await world.run(HOUR_MS);
    expect(store.token).toBe(kept);
  }
});

test("what a server renews while the feeder is moved to another one is not kept for that", async () => {
  const next = tokenOf(ISSUED_AT_MS + 91 * DAY_MS);
  const { world, store, boot, forget } = feederWith(tokenOf(ISSUED_AT_MS), { ageDays: 91, next });
  boot().look();
  forget();
  await world.run(HOUR_MS);
  expect(store.token).toBeUndefined();
});

test("a server that does not renew is asked once a day, however often the feeder starts", async () => {
  const token = tokenOf(ISSUED_AT_MS);
  const { world, store, boot, asked } = feederWith(token, { ageDays: 100.1, status: 500 });
  for (let wake = 0; wake < 40; wake++) boot().look();
  await world.run(HOUR_MS);
  expect(asked()).toBe(1);
  boot();
  await world.run(10 * DAY_MS);
  expect(asked()).toBe(11);
  expect(store.token).toBe(token);
});

test("without a connection the day is not spent", async () => {
  const { world, boot, asked, setConnected } = feederWith(tokenOf(ISSUED_AT_MS), { ageDays: 100 });
  boot();
  setConnected(false);
  await world.run(5 * DAY_MS);
  expect(asked()).toBe(0);
  setConnected(true);
  await world.run(6 * DAY_MS + 1);
  expect(asked()).toBe(1);
});

test.each([
  ["one that ends sooner", tokenOf(ISSUED_AT_MS - 400 * DAY_MS)],
  ["none", ""],
  ["one that would break a header", `${tokenOf(ISSUED_AT_MS + 91 * DAY_MS)}\r\nX: y`],
  ["one that never ends, as far as it says", "opaque"],
])("a server that answers with %s leaves the feeder its token", async (_what, next) => {
  const token = tokenOf(ISSUED_AT_MS);
  const { world, store, boot, asked } = feederWith(token, { ageDays: 100, next });
  boot().look();
  await world.run(HOUR_MS);
  expect(asked()).toBe(1);
  expect(store.token).toBe(token);
});

test.each([
  ["no token", undefined],
  ["a token that says nothing of its life", "opaque"],
])("a feeder with %s asks nothing", async (_what, token) => {
  const { world, boot, asked } = feederWith(token, { ageDays: 100 });
  boot().look();
  await world.run(HOUR_MS);
  expect(asked()).toBe(0);
});

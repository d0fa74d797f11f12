import { expect, test } from "vitest";
import { RemoteLog } from "../../../device/esp32/remote-log/remote-log.ts";
import { World } from "../../../host-sim/world.ts";
import type { LogPayload } from "../../../protocol/log-messages.ts";

const SECOND_MS = 1_000;

function startLog(room = { isReady: true }) {
  const world = new World({ seed: 1, pace: "virtual", startedAtMs: 0 });
  const time = {
    monotonicMs: () => world.nowMs,
    after: (delayMs: number, elapsed: () => void) => world.after(delayMs, elapsed),
  };
  const sent: { readonly atMs: number; readonly payload: LogPayload }[] = [];
  const log = new RemoteLog(time, {
    isReady: () => room.isReady,
    report: (payload) => sent.push({ atMs: world.nowMs, payload }),
  });
  log.follow({ level: "info", minutes: 1 });
  const texts = () => sent.flatMap(({ payload }) => payload.lines.map(({ text }) => text));
  return { world, log, sent, texts, room };
}

test("a flood is cut short and counted, and goes out once a second", async () => {
  const { world, log, sent } = startLog();
  for (let at = 0; at < 300; at++) {
    world.after(at * 10, () => log.write("info", "flood", `${at} ${"x".repeat(1_000)}`));
  }
  await world.run(10 * SECOND_MS);
  expect(sent).toHaveLength(3);
  for (const { payload } of sent) {
    expect(payload.lines).toHaveLength(12);
    expect(payload.dropped).toBeGreaterThan(80);
    for (const { text } of payload.lines) expect(text).toHaveLength(160);
  }
  const [first, second] = sent;
  expect(first?.payload.lines[0]?.age_ms).toBe(SECOND_MS);
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(SECOND_MS);
});

test("while the room is away the oldest lines wait for it, and nothing waits for ever", async () => {
  const { world, log, sent, texts, room } = startLog({ isReady: false });
  world.after(0, () => log.write("warn", "session", "closed"));
  world.after(10 * SECOND_MS, () => {
    room.isReady = true;
  });
  await world.run(20 * SECOND_MS);
  expect(texts()).toEqual(["closed"]);
  expect(sent[0]?.payload.lines[0]?.age_ms).toBe(10 * SECOND_MS);
  room.isReady = false;
  world.after(0, () => log.write("warn", "session", "again"));
  await world.run(300 * SECOND_MS);
  room.isReady = true;
  await world.run(600 * SECOND_MS);
  expect(texts()).toEqual(["closed"]);
});

test.each(["identity", "portal", "improv"])("what %s says stays on the cable", async (tag) => {
  const { world, log, texts } = startLog();
  world.after(0, () => log.write("warn", tag, "claim code WDJB-MJHT"));
  world.after(0, () => log.write("error", "other", "seen"));
  await world.run(10 * SECOND_MS);
  expect(texts()).toEqual(["seen"]);
});

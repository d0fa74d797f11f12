import { expect, test } from "vitest";
import type { RoomClient } from "./server-fixture.ts";
import { FEEDER, joinAs, joinEverybody, NOON_MS } from "./server-fixture.ts";

function sendVisit(client: RoomClient, seq: number, bootId = "boot-a"): void {
  client.receive(JSON.stringify({ type: "event.visit", bootId, seq }));
}

function seqsHeardBy(viewer: RoomClient): unknown[] {
  return viewer.heard().map(({ seq }) => seq);
}

test("a numbered event is relayed once and acknowledged every time", () => {
  const { feeder, viewer } = joinEverybody();
  const send = (bootId: string, seq: number) =>
    feeder.receive(JSON.stringify({ type: "event.visit", bootId, seq }));
  for (const seq of [1, 2, 2, 1, 4, 3]) send("boot-a", seq);
  send("boot-b", 1);
  const acked = feeder.heard().map(({ type, bootId, seq, ts }) => [type, bootId, seq, ts]);
  expect(acked).toEqual([
    ...[1, 2, 2, 1, 4, 3].map((seq) => ["ack", "boot-a", seq, NOON_MS]),
    ["ack", "boot-b", 1, NOON_MS],
  ]);
  const relayed = viewer.heard().map(({ bootId, seq }) => [bootId, seq]);
  expect(relayed).toEqual([
    ["boot-a", 1],
    ["boot-a", 2],
    ["boot-a", 4],
    ["boot-b", 1],
  ]);
});

test("numbers are remembered when the feeder connects anew", () => {
  const { server, feeder, viewer } = joinEverybody();
  const event = JSON.stringify({ type: "event.visit", bootId: "boot-a", seq: 1 });
  feeder.receive(event);
  feeder.leave();
  const again = joinAs(server, FEEDER);
  again.receive(event);
  expect(viewer.heard()).toHaveLength(1);
  expect(again.heard()).toMatchObject([{ type: "system" }, { type: "ack", seq: 1 }]);
});

test("of boots that come and go the latest eight are remembered", () => {
  const { feeder, viewer } = joinEverybody();
  const send = (boot: number, seq = 1) =>
    feeder.receive(JSON.stringify({ type: "event.visit", bootId: `boot-${boot}`, seq }));
  for (let boot = 1; boot <= 8; boot += 1) send(boot);
  send(1, 2);
  send(9);
  viewer.heard();
  for (const boot of [1, 3, 4, 5, 6, 7, 8, 9]) send(boot);
  expect(viewer.heard()).toEqual([]);
  send(2);
  expect(viewer.heard()).toHaveLength(1);
});

test("a number of anybody but the feeder is acknowledged and hides no event of the feeder", () => {
  const { feeder, member, viewer } = joinEverybody();
  sendVisit(member, Number.MAX_SAFE_INTEGER);
  sendVisit(member, 1);
  expect(member.heard()).toMatchObject([
    { type: "ack", seq: Number.MAX_SAFE_INTEGER },
    { type: "ack", seq: 1 },
  ]);
  sendVisit(feeder, 1);
  expect(seqsHeardBy(viewer)).toEqual([Number.MAX_SAFE_INTEGER, 1, 1]);
});

test.each([
  ["starts above what a feeder can have counted to", [], 1_000_000_001],
  ["starts at the largest", [], Number.MAX_SAFE_INTEGER],
  ["jumps", [5], 1_000_006],
])("a number that %s is refused and hides nothing", (_, before, seq) => {
  const { feeder, viewer } = joinEverybody();
  for (const earlier of before) sendVisit(feeder, earlier);
  feeder.heard();
  viewer.heard();
  sendVisit(feeder, seq);
  expect(feeder.heard()).toEqual([{ type: "error", message: "invalid_payload" }]);
  sendVisit(feeder, 6);
  expect(seqsHeardBy(viewer)).toEqual([6]);
});

test("a feeder that was away for long, or a server that was, goes on with a gap", () => {
  const { feeder, viewer } = joinEverybody();
  for (const seq of [1_000_000_000, 1_001_000_000]) sendVisit(feeder, seq);
  expect(seqsHeardBy(viewer)).toEqual([1_000_000_000, 1_001_000_000]);
});

import { expect, test } from "vitest";
import type { UartFaults } from "../../host-sim/board/line-noise.ts";
import { counted, startLine } from "./one-line.ts";

test("of a polled line nothing happens by itself; a look brings what has passed by then", async () => {
  const { world, line, arrivals, heard } = startLine(115_200, {}, "polled");
  line.send(counted(64));
  await world.run(1);
  expect(arrivals).toEqual([]);
  line.look();
  expect(heard()).toEqual([...counted(11)]);
  await world.run(line.idleAtMs);
  line.look();
  expect(heard()).toEqual([...counted(64)]);
  expect(world.events).toBe(0);
});

test.each<[string, Partial<UartFaults>, number]>([
  ["under noise", { bitErrorRate: 1e-3, insertByteRate: 1e-2, dropFrameRate: 0.1 }, 921_600],
  ["at another rate", {}, 460_800],
])("%s a polled line says the same however often it is looked at", async (...row) => {
  const [, faults, receiverBaud] = row;
  const hear = async (lookEveryMs: number) => {
    const { world, line, heard } = startLine(921_600, faults, "polled");
    line.receiverBaud = receiverBaud;
    for (let frame = 0; frame < 20; frame++) line.send(Uint8Array.from([0, ...counted(100), 0]));
    for (let atMs = 0; atMs < 50; atMs += lookEveryMs) {
      await world.run(atMs);
      line.look();
    }
    return heard();
  };
  const heard = await hear(49);
  expect(heard.length).toBeGreaterThan(500);
  expect(await hear(0.07)).toEqual(heard);
});

test("a receiver that changes its rate has heard at the old one what came before", async () => {
  const { world, line, heard } = startLine(115_200, {}, "polled");
  line.send(counted(64));
  await world.run(1);
  line.receiverBaud = 57_600;
  await world.run(10);
  line.look();
  expect(heard().slice(0, 11)).toEqual([...counted(11)]);
  expect(heard().length).toBe(11 + 26);
});

test("what a sender without power had not sent never comes; what has left arrives", async () => {
  const { world, line, heard } = startLine(115_200, {}, "polled");
  line.send(counted(64));
  await world.run(1);
  line.cut();
  expect(line.queuedBytes()).toBe(0);
  await world.run(10);
  line.look();
  expect(heard()).toEqual([...counted(11)]);
});

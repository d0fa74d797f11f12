import { expect, test } from "vitest";
import { World } from "../../host-sim/world.ts";

function virtualWorld(seed = 1): World {
  return new World({ seed, pace: "virtual", startedAtMs: 0 });
}

test("events run by time, and those of one time in the order they were planned", async () => {
  const world = virtualWorld();
  const order: string[] = [];
  for (const [delayMs, name] of [
    [5, "d"],
    [1, "a"],
    [5, "e"],
    [1, "b"],
    [3, "c"],
  ] as const) {
    world.after(delayMs, () => order.push(name));
  }
  world.after(4, () => order.push("cancelled")).cancel();
  await world.run(10);
  expect(order.join("")).toBe("abcde");
  expect(world.nowMs).toBe(10);
});

test("an event's promises settle before the next event runs", async () => {
  const world = virtualWorld();
  const order: string[] = [];
  world.after(1, () => {
    void (async () => {
      await null;
      await null;
      order.push("settled");
    })();
  });
  world.after(1, () => order.push("next"));
  await world.run(2);
  expect(order).toEqual(["settled", "next"]);
});

test("what settles by the machine's own time has no place in virtual time", async () => {
  const world = virtualWorld();
  world.after(1, () => world.settle(new Promise(() => {}), 5, () => {}));
  await expect(world.run(10)).rejects.toThrow("not settled in its own turn");
});

test("a bug in an event ends the run", async () => {
  const world = virtualWorld();
  world.after(1, () => {
    throw new Error("broken feeder");
  });
  await expect(world.run(10)).rejects.toThrow("broken feeder");
});

test("a stream depends on the seed and its own name only", () => {
  const draw = (seed: number, name: string) => {
    const random = virtualWorld(seed).random(name);
    return [random(), random(), random()];
  };
  expect(draw(1, "uart")).toEqual(draw(1, "uart"));
  expect(draw(1, "uart")).not.toEqual(draw(1, "camera"));
  expect(draw(1, "uart")).not.toEqual(draw(2, "uart"));
  const world = virtualWorld(3);
  const random = world.random("fair");
  const mean = Array.from({ length: 10_000 }, () => random()).reduce((a, b) => a + b) / 10_000;
  expect(mean).toBeCloseTo(0.5, 1);
});

test("a wait of less than a microsecond is not no wait: time goes on", async () => {
  const world = virtualWorld();
  const waitedAtMs: number[] = [];
  const again = (): void => {
    waitedAtMs.push(world.nowMs);
    if (waitedAtMs.length < 3) world.after(7e-12, again);
  };
  again();
  await world.run(1);
  expect(waitedAtMs).toEqual([0, 0.001, 0.002]);
});

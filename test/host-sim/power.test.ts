import { expect, test } from "vitest";
import { PowerCycle } from "../../host-sim/board/power.ts";
import { World } from "../../host-sim/world.ts";

function powerUp() {
  const world = new World({ seed: 1, pace: "virtual", startedAtMs: 0 });
  const power = new PowerCycle(world, 0);
  const heard: string[] = [];
  power.dispatch = (_target, event) => heard.push(`${world.nowMs} ${event}`);
  return { world, power, heard };
}

test("what comes while the processor stands still reaches the firmware when it is over, in order", async () => {
  const { world, power, heard } = powerUp();
  power.after(5, () => power.emit(1, "before"));
  world.after(10, () => power.stall(45));
  power.after(20, () => power.emit(1, "timer"));
  world.after(30, () => power.emit(1, "edge"));
  power.after(40, () => power.emit(1, "second timer"));
  // Planned before those were put off, and for the very moment they are let go.
  power.after(55, () => power.emit(1, "on the moment"));
  power.after(60, () => power.emit(1, "later"));
  await world.run(100);
  expect(heard).toEqual([
    "5 before",
    "55 timer",
    "55 edge",
    "55 second timer",
    "55 on the moment",
    "60 later",
  ]);
});

test("a timer that waits for the processor can still be cleared by an event that waits before it", async () => {
  const { world, power, heard } = powerUp();
  power.stall(45);
  world.after(10, () => power.emit(1, "edge"));
  const timer = power.after(0, () => heard.push("timer"));
  power.dispatch = (_target, event) => {
    heard.push(event);
    timer.cancel();
  };
  // The timer is due at 45, behind the edge: the call that set it came out of the stall.
  await world.run(100);
  expect(heard).toEqual(["edge"]);
});

test("the firmware's clock runs on through the stall, and its timers count from the end of it", async () => {
  const { world, power, heard } = powerUp();
  world.after(10, () => {
    power.stall(45);
    power.stall(0.7);
    expect(power.uptimeUs()).toBe(55_700);
    power.after(5, () => power.emit(1, "timer"));
  });
  await world.run(100);
  expect(heard).toEqual(["60.7 timer"]);
});

test("a cleared timer is no event at all", async () => {
  const { world, power } = powerUp();
  power.after(50, () => {}).cancel();
  await world.run(100);
  expect(world.events).toBe(0);
});

test("an event that stalls the processor holds back the one behind it, not the rest of itself", async () => {
  const { world, power } = powerUp();
  const seen: string[] = [];
  power.dispatch = (_target, event) => {
    seen.push(`${world.nowMs} ${event}`);
    if (event === "headers") power.stall(0.7 * 3);
    if (event === "behind") void Promise.resolve().then(() => power.stall(10));
  };
  power.stall(45);
  world.after(1, () => power.emit(1, "edge"));
  power.after(0, () => {
    power.emit(1, "headers");
    power.emit(1, "body");
  });
  power.after(0, () => power.emit(1, "behind"));
  power.after(0, () => power.emit(1, "last"));
  await world.run(100);
  expect(seen).toEqual(["45 edge", "45 headers", "45 body", "47.1 behind", "57.1 last"]);
});

test("nothing that waited reaches a board that lost its power", async () => {
  const { world, power, heard } = powerUp();
  power.stall(45);
  world.after(10, () => power.emit(1, "edge"));
  world.after(20, () => power.end());
  await world.run(100);
  expect(heard).toEqual([]);
});

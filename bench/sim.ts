/** How fast a simulated day is: one feeder with 40 visits and the real server, beside the bare event loop. */
import { World } from "../host-sim/world.ts";
import { HOUR_MS, MINUTE_MS, startSystem } from "../test/flows/system.ts";
import { median, printRows } from "./rows.ts";

const VISITS = 40;
const DAY_MS = 24 * HOUR_MS;
const RUNS = process.argv.includes("--smoke") ? 1 : 5;

async function wholeDay(): Promise<{ wallMs: number; events: number; hash: string }> {
  const { world, feeder } = await startSystem({ seed: 1 });
  for (let visit = 0; visit < VISITS; visit++) {
    world.after(HOUR_MS + visit * 30 * MINUTE_MS, () => feeder.visit(8_000, 120));
  }
  const startedMs = performance.now();
  await world.run(DAY_MS);
  return { wallMs: performance.now() - startedMs, events: world.events, hash: world.trace.hash() };
}

/** The same number of events that do nothing: what the loop itself costs. */
async function emptyDay(events: number): Promise<number> {
  const world = new World({ seed: 1, pace: "virtual", startedAtMs: 0 });
  const again = (left: number): void => {
    if (left > 0) world.after(DAY_MS / events, () => again(left - 1));
  };
  again(events);
  const startedMs = performance.now();
  await world.run(2 * DAY_MS);
  return performance.now() - startedMs;
}

// The first run draws the picture pool and warms the compiler.
const { events, hash } = await wholeDay();
const whole: number[] = [];
const floor: number[] = [];
for (let run = 0; run < RUNS; run++) {
  const day = await wholeDay();
  if (day.hash !== hash) throw new Error("the same seed left another trace");
  whole.push(day.wallMs);
  floor.push(await emptyDay(events));
}
const dayMs = median(whole);
const floorMs = median(floor);
const of = "empty event loop";
printRows([
  { name: "sim.day", value: dayMs, unit: "ms", of, ratio: floorMs / dayMs },
  { name: "sim.whole", value: 1000 / dayMs, unit: "device-days/s", of, ratio: floorMs / dayMs },
  { name: "sim.events", value: events, unit: "events/device-day" },
  {
    name: "sim.event",
    value: (dayMs * 1000) / events,
    unit: "us/event",
    of,
    ratio: floorMs / dayMs,
  },
]);

/** How fast a simulated day is: one feeder with 40 visits and the real server, beside the bare event loop; in processor time. */
import { DAY_MS } from "../host-sim/durations.ts";
import { World } from "../host-sim/world.ts";
import { HOUR_MS, MINUTE_MS, startSystem } from "../test/flows/system.ts";
import { median, printRows } from "./rows.ts";
import { PLAYED_MS, RUNS, VISITS } from "./sim-day.ts";
import { measureXs } from "./sim-xs.ts";

/** An empty day is over in milliseconds: so many are measured at once. */
const EMPTY_DAYS = 10;
/** How many the world has queued at a time. */
const CALLBACKS_A_TURN = 256;

/** Of all this process's threads: a shared machine's other work does not count. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function wholeDay(): Promise<{ tookMs: number; events: number; hash: string }> {
  const { world, feeder } = await startSystem({ seed: 1 });
  for (let visit = 0; visit < VISITS; visit++) {
    world.after(HOUR_MS + visit * 30 * MINUTE_MS, () => feeder.visit(8_000, 120));
  }
  const startedMs = processorMs();
  await world.run(PLAYED_MS);
  return { tookMs: processorMs() - startedMs, events: world.events, hash: world.trace.hash() };
}

/** A day of as many events that do nothing, each planned by the one before: what the world itself costs. */
async function scheduledDay(events: number): Promise<number> {
  const world = new World({ seed: 1, pace: "virtual", startedAtMs: 0 });
  const again = (): void => void world.after(DAY_MS / events, again);
  again();
  const startedMs = processorMs();
  await world.run(EMPTY_DAYS * DAY_MS);
  return (processorMs() - startedMs) / EMPTY_DAYS;
}

/** As many callbacks of immediates that were queued ahead: no world that steps by them is faster. */
async function emptyLoop(events: number): Promise<number> {
  const callbacks = EMPTY_DAYS * events;
  const startedMs = processorMs();
  await new Promise<void>((resolve) => {
    let left = callbacks;
    const queueTurn = (): void => {
      for (let queued = 0; queued < CALLBACKS_A_TURN; queued++) setImmediate(callback);
    };
    const callback = (): void => {
      if (--left === 0) resolve();
      else if (left > 0 && (callbacks - left) % CALLBACKS_A_TURN === 0) queueTurn();
    };
    queueTurn();
  });
  return (processorMs() - startedMs) / EMPTY_DAYS;
}

// The first run draws the picture pool and warms the compiler.
const { events, hash } = await wholeDay();
const whole: number[] = [];
const scheduled: number[] = [];
const floor: number[] = [];
for (let run = 0; run < RUNS; run++) {
  const day = await wholeDay();
  if (day.hash !== hash) throw new Error("the same seed left another trace");
  whole.push(day.tookMs);
  scheduled.push(await scheduledDay(events));
  floor.push(await emptyLoop(events));
}
const dayMs = median(whole);
const scheduledMs = median(scheduled);
const floorMs = median(floor);
const of = "empty event loop";
printRows([
  {
    name: "sim.scheduling",
    value: 1000 / scheduledMs,
    unit: "device-days/s",
    of,
    ratio: floorMs / scheduledMs,
  },
  { name: "sim.whole", value: 1000 / dayMs, unit: "device-days/s", of, ratio: floorMs / dayMs },
  { name: "sim.events", value: events, unit: "events/device-day" },
  { name: "sim.event", value: (dayMs * 1000) / events, unit: "us/event" },
  ...(await measureXs(RUNS)),
]);

/** How fast a simulated day is on XS: beside as many crossings to its process and back by firmware that does nothing. */
import { chooseEngine } from "../host-sim/engines/engine-choice.ts";
import type { Engine } from "../host-sim/engines/guest-port.ts";
import { keepToOneCore } from "../host-sim/engines/one-core.ts";
import { HOUR_MS, MINUTE_MS, startSystem } from "../test/flows/system.ts";
import { type BenchRow, median } from "./rows.ts";
import { PLAYED_MS, VISITS } from "./sim-day.ts";

interface Crossings {
  /** From the host into the firmware. */
  events: number;
  /** From the firmware to the host. */
  calls: number;
}

const IDLE_FIRMWARE = `
  const { call, listen } = __board;
  listen(() => (target, event, [calls]) => { while (calls-- > 0) call("nothing", [target]); });
`;

function counting(engine: Engine, crossings: Crossings): Engine {
  return (javascript, host) => {
    const running = engine(javascript, {
      ...host,
      call: (operation, args) => {
        crossings.calls++;
        return host.call(operation, args);
      },
    });
    return {
      end: running.end,
      dispatch: (target, event, args) => {
        crossings.events++;
        running.dispatch(target, event, args);
      },
    };
  };
}

async function playDay(engine: Engine): Promise<number> {
  const { world, feeder } = await startSystem({ seed: 1, engine });
  for (let visit = 0; visit < VISITS; visit++) {
    world.after(HOUR_MS + visit * 30 * MINUTE_MS, () => feeder.visit(8_000, 120));
  }
  const startedMs = performance.now();
  await world.run(PLAYED_MS);
  const wallMs = performance.now() - startedMs;
  feeder.powerOff();
  return wallMs;
}

function cross(engine: Engine, { events, calls }: Crossings): number {
  const firmware = engine(IDLE_FIRMWARE, {
    operations: ["nothing"],
    call: () => 0,
    wallClockMs: () => 0,
    random: () => 0,
    died: (death) => {
      throw death;
    },
  });
  const startedMs = performance.now();
  for (let left = events, rest = calls; left > 0; left--) {
    const share = Math.round(rest / left);
    firmware.dispatch(1, "elapsed", [share]);
    rest -= share;
  }
  const wallMs = performance.now() - startedMs;
  firmware.end();
  return wallMs;
}

/** No rows where XS is not built. */
export async function measureXs(runs: number): Promise<BenchRow[]> {
  const engine = chooseEngine("xs");
  if ("missing" in engine) {
    console.error(`sim.xs left out: ${engine.missing}`);
    return [];
  }
  const release = keepToOneCore();
  const crossings = { events: 0, calls: 0 };
  // The first run also draws the picture pool.
  await playDay(counting(engine, crossings));
  const days: number[] = [];
  const floors: number[] = [];
  for (let run = 0; run < runs; run++) {
    days.push(await playDay(engine));
    floors.push(cross(engine, crossings));
  }
  release();
  const dayMs = median(days);
  const of = "crossing floor";
  return [
    {
      name: "sim.xs",
      value: 1000 / dayMs,
      unit: "device-days/s",
      of,
      ratio: median(floors) / dayMs,
    },
    {
      name: "sim.xs_crossings",
      value: crossings.events + crossings.calls,
      unit: "crossings/device-day",
    },
  ];
}

import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../host-sim/durations.ts";
import { FirmwareDeath } from "../../../host-sim/engines/firmware-death.ts";
import { HeapWatch } from "../../../host-sim/engines/heap-watch.ts";
import { heapEngine } from "../../../host-sim/engines/xs-heap.ts";
import type { XsRoom } from "../../../host-sim/engines/xs-image.ts";
import { becomes, NEW_VERSION, OLD_VERSION } from "../sweep/update-journal.ts";
import { buildFirmware, createUpdateWorld, imageOf } from "../update-world.ts";

/** A day. */
export const VISITS = 40;
const FIRST_VISIT_MS = HOUR_MS;
const BETWEEN_VISITS_MS = 30 * MINUTE_MS;
const CLIP_BYTES = 60_000;

export interface HeapDay {
  readonly watch: HeapWatch;
  readonly traceHash: string;
}

/**
 * A feeder's day: birds, a still and a clip of each through the feeder, and an update behind the last. Undefined when its
 * heap did not suffice.
 */
export async function runHeapDay(visits: number, room?: XsRoom): Promise<HeapDay | undefined> {
  const watch = new HeapWatch();
  let pictures = 0;
  const picture = (length: number) => new Uint8Array(length).fill(0xd8, 0, 1 + pictures++);
  const system = await createUpdateWorld({
    seed: 1,
    firmware: await buildFirmware({ version: OLD_VERSION }),
    engine: heapEngine(watch, room),
    view: { still: () => picture(20_000), clip: () => picture(CLIP_BYTES) },
  });
  const { world, board, internet } = system;
  const { homeWifi } = internet;
  board.powerOn();
  // The feeder has joined by then. The camera finds no network of its own: its clips go over the link.
  world.after(FIRST_VISIT_MS / 2, () => {
    internet.homeWifi = { ...homeWifi, passphrase: "nobody-was-told" };
  });
  for (let visit = 0; visit < visits; visit++) {
    world.after(FIRST_VISIT_MS + visit * BETWEEN_VISITS_MS, () => board.visit(8_000, 120));
  }
  const image = imageOf(await buildFirmware({ version: NEW_VERSION }));
  try {
    await world.run(FIRST_VISIT_MS + visits * BETWEEN_VISITS_MS);
    watch.isUpdating = true;
    // The feeder joins anew behind its restart.
    internet.homeWifi = homeWifi;
    await system.publish(image);
    if (!(await becomes(system, NEW_VERSION))) throw new Error("the update did not take");
    watch.isUpdating = false;
    await world.run(Math.max(world.nowMs, visits === VISITS ? DAY_MS : 0));
  } catch (error) {
    if (error instanceof FirmwareDeath && error.kind === "memory") return undefined;
    throw error;
  }
  board.powerOff();
  return { watch, traceHash: world.trace.hash() };
}

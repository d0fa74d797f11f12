import { HOUR_MS, MINUTE_MS, startSystem } from "./system.ts";

const VISITS = 40;

/** 24 hours of one feeder with 40 visits, under faults that the seed chooses; prints the hash of all that happened. */
const seed = Number(process.argv[2] ?? 1);
const system = await startSystem({ seed });
const { world, feeder } = system;
feeder.uartFaults.bitErrorRate = 1e-5;
for (let visit = 0; visit < VISITS; visit++) {
  world.after(HOUR_MS + visit * 30 * MINUTE_MS, () => feeder.visit(8_000, 120));
}
await world.run(24 * HOUR_MS - 1);
process.stdout.write(`${world.trace.hash()}\n`);

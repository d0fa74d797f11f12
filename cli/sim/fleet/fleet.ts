import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../host-sim/durations.ts";
import { EXIT } from "../../failure.ts";
import { done, failed, type Outcome } from "../../outcome.ts";
import { buildFirmware } from "../update-world.ts";
import { type FleetCounts, type FleetSize, FleetWorld } from "./fleet-world.ts";

export interface FleetReport extends FleetSize, FleetCounts {
  readonly deviceDaysASecond: number;
  readonly events: number;
  /** Of the whole process. */
  readonly peakMemoryMB: number;
  readonly wallMs: number;
  /** Of all its threads: beside others, a machine gives less than a second a second. */
  readonly processorMs: number;
  readonly traceHash: string;
}

/** Behind the last day, for what is on its way. */
const SETTLING_MS = HOUR_MS;
/** What is heard in one step is held until its end. */
const STEP_MS = 15 * MINUTE_MS;
const TELL_EVERY_MS = 5 * SECOND_MS;

/** Runs a fleet in virtual time, in this process: one world, one server, one processor. */
export async function runFleet(
  size: FleetSize,
  progress: (line: string) => void,
): Promise<Outcome<FleetReport>> {
  const { devices, days, visitsADay, seed } = size;
  const firmware = await buildFirmware();
  const startedMs = performance.now();
  const startedUsage = process.cpuUsage();
  const fleet = await FleetWorld.build(size, firmware);
  const bug = await runSteps(fleet, days * DAY_MS + SETTLING_MS, progress);
  if (bug !== undefined) {
    const name = `--devices ${devices} --days ${days} --visits-a-day ${visitsADay} --seed ${seed}`;
    return failed("fleet_broken", bug, `sim fleet ${name}`, EXIT.failed);
  }
  const wallMs = Math.round(performance.now() - startedMs);
  const { user, system } = process.cpuUsage(startedUsage);
  const { world } = fleet;
  return done({
    devices,
    days,
    visitsADay,
    seed,
    ...(await fleet.count()),
    deviceDaysASecond: (devices * (days + SETTLING_MS / DAY_MS)) / (wallMs / SECOND_MS),
    events: world.events,
    peakMemoryMB: Math.round(process.resourceUsage().maxRSS / 1024),
    wallMs,
    processorMs: Math.round((user + system) / 1000),
    traceHash: world.trace.hash(),
  });
}

/** Whatever ends the world early is a bug, in the firmware, in the server or in the simulator. */
async function runSteps(
  fleet: FleetWorld,
  untilMs: number,
  progress: (line: string) => void,
): Promise<string | undefined> {
  const startedMs = performance.now();
  let toldMs = startedMs;
  try {
    for (let atMs = STEP_MS; atMs <= untilMs; atMs += STEP_MS) {
      await fleet.run(atMs);
      const nowMs = performance.now();
      if (nowMs - toldMs < TELL_EVERY_MS) continue;
      toldMs = nowMs;
      const leftMs = ((nowMs - startedMs) * (untilMs - atMs)) / atMs;
      progress(`${(atMs / HOUR_MS).toFixed(1)} h of ${untilMs / HOUR_MS} h, ${leftText(leftMs)}`);
    }
  } catch (error) {
    return String(error).split("\n", 1)[0];
  }
  return undefined;
}

function leftText(leftMs: number): string {
  if (leftMs < 2 * MINUTE_MS) return `${Math.ceil(leftMs / SECOND_MS)} s left`;
  return `${Math.ceil(leftMs / MINUTE_MS)} min left`;
}

export function fleetText(report: FleetReport): string {
  const { devices, days, visitsADay, seed, wallMs, processorMs, events } = report;
  const lost = report.lost === 0 ? "none lost" : `${report.lost} LOST`;
  const who = `${devices} feeders, ${days} days, some ${visitsADay} visits a day each`;
  const stored = `${report.stills} stills, ${report.inGallery} in the gallery, ${lost}`;
  const wall = `${(wallMs / SECOND_MS).toFixed(1)} s`;
  const ofProcessor = `${(processorMs / SECOND_MS).toFixed(1)} s of a processor`;
  return [
    `${who}, seed ${seed}; one server, one process`,
    `${report.visits} visits, ${stored}; ${report.heartbeats} heartbeats`,
    `${report.deviceDaysASecond.toFixed(2)} device-days/s: ${wall}, ${ofProcessor}, ${events} events`,
    `${report.peakMemoryMB} MB of memory at the most`,
    "Simulated: no board took part, the pictures are of 600 bytes, and nothing went wrong on purpose.",
    `trace ${report.traceHash}`,
  ].join("\n");
}

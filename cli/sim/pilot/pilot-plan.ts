import { DAY_MS } from "../../../host-sim/durations.ts";
import { drawPlan } from "../../../host-sim/faults/draw-plan.ts";
import type { Fault, FaultKind, FaultPlan } from "../../../host-sim/faults/fault.ts";
import type { RandomStream } from "../../../host-sim/random.ts";

/**
 * What goes wrong in a garden. Left out: storage that somebody else filled, another image on the way and
 * clocks that jump by hours. These are attacks and no weather, and have scenarios of their own.
 */
const GARDEN: readonly FaultKind[] = [
  "wifi_away",
  "dns_fails",
  "uart_noise",
  "uart_stall",
  "camera_dead",
  "camera_mute",
  "camera_blind",
  "camera_reset",
  "camera_supply_fails",
  "power_cut",
  "brownout",
];
const SERVER: readonly FaultKind[] = [
  "relay_drop",
  "server_refuses",
  "server_silent",
  "http_status",
  "http_stall",
  "answer_lost",
  "answer_cut",
  "server_crash",
];
/** A plan is drawn for so long at once: each kind comes 0.7 times in it, for each feeder and for the server. */
const WINDOW_MS = 3 * DAY_MS;

/** The same rate over the whole time; what would not be over by its end is left out. */
export function drawPilotPlan(
  stream: (name: string) => RandomStream,
  { feeders, forMs }: { readonly feeders: number; readonly forMs: number },
): FaultPlan {
  const windows = Array.from(
    { length: Math.ceil(forMs / WINDOW_MS) },
    (_, index) => index * WINDOW_MS,
  );
  const drawn = windows.flatMap((fromMs) => {
    const of = (who: string, kinds: readonly FaultKind[]) =>
      drawPlan((name) => stream(`pilot/${who}/${fromMs}/${name}`), kinds, {
        fromMs,
        toMs: fromMs + WINDOW_MS,
        feeders: 1,
        always: false,
      });
    const gardens = Array.from({ length: feeders }, (_, feeder) =>
      of(`feeder-${feeder + 1}`, GARDEN).map((fault) => at(feeder, fault)),
    );
    return [...gardens.flat(), ...of("server", SERVER)];
  });
  return drawn
    .filter((fault) => fault.atMs + ("forMs" in fault ? fault.forMs : 0) <= forMs)
    .sort((one, other) => one.atMs - other.atMs);
}

function at(feeder: number, fault: Fault): Fault {
  return "feeder" in fault ? { ...fault, feeder } : fault;
}

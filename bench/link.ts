/**
 * The camera link and what a visit costs the camera. The link's two ends are the firmware's own endpoint on two
 * simulated wires at 921600 baud: figures of the protocol, bound by the wire, since simulated processors are free.
 */

import { cameraBudgetMAh } from "../host-sim/board/currents.ts";
import { type Transfer, transferObject } from "./link-transfer.ts";
import { type BenchRow, printRows } from "./rows.ts";
import { measureVisit, type Visit } from "./visit.ts";

const WIRE_BYTES_A_SECOND = 92_160;
const OF_WIRE = "92,160 B/s of the wire; simulated processors are free";
const STILL_BYTES = 20_480;
/** 8 bit errors a megabyte are few: a short run would measure its seed. */
const OBJECT_BYTES = (process.argv.includes("--smoke") ? 1 : 8) * 1024 * 1024;
/** 21 s awake at 250 mA: what one visit may cost. */
const VISIT_BUDGET_MAH = 1.458;
/** It put its camera to sleep so long after the last activity. */
const FIRST_STACK_HOLD_SECONDS = 90;
/** Banner to settled, median of ten, in the first stack's log. */
const FIRST_STACK_READY_SECONDS = 6.7;

async function goodput(name: string, transfer: Partial<Transfer>): Promise<BenchRow> {
  const sizeBytes = transfer.sizeBytes ?? OBJECT_BYTES;
  const seconds = await transferObject({ ...transfer, sizeBytes });
  const value = sizeBytes / seconds;
  return { name, value, unit: "B/s", of: OF_WIRE, ratio: value / WIRE_BYTES_A_SECOND };
}

async function still(): Promise<BenchRow> {
  const seconds = await transferObject({ sizeBytes: STILL_BYTES });
  const wireSeconds = STILL_BYTES / WIRE_BYTES_A_SECOND;
  const of = "its bytes alone on the wire";
  const ratio = wireSeconds / seconds;
  return { name: "link.still20k", value: seconds * 1000, unit: "ms", of, ratio };
}

function visitRows(name: string, { energy }: Visit): BenchRow[] {
  const budgetMAh = cameraBudgetMAh(energy.awakeSeconds);
  const idle = energy.phases.find(({ phase }) => phase === "idle");
  return [
    {
      name: `visit.energy${name}`,
      value: budgetMAh,
      unit: "mAh; all awake time at 250 mA, an assumption",
      of: "21 s awake at 250 mA",
      ratio: budgetMAh / VISIT_BUDGET_MAH,
    },
    {
      name: `visit.energy${name}.phases`,
      value: energy.awakeMAh,
      unit: "mAh; phase by phase, currents assumed",
    },
    { name: `visit.awake${name}`, value: energy.awakeSeconds, unit: "s" },
    {
      name: `visit.idle${name}`,
      value: idle?.seconds ?? 0,
      unit: "s awake without work",
      of: "the awake time",
      ratio: (idle?.seconds ?? 0) / energy.awakeSeconds,
    },
  ];
}

const oneStill = await measureVisit({ staySeconds: 8, clip: false });
const stillAndClip = await measureVisit({ staySeconds: 8, clip: true });
const tenStills = await measureVisit({ staySeconds: 140, clip: true });
printRows([
  await goodput("link.goodput.clean", {}),
  await goodput("link.goodput.ber1e-6", { bitErrorRate: 1e-6 }),
  await goodput("link.goodput.ber1e-6.loss0.1", { bitErrorRate: 1e-6, dropFrameRate: 0.001 }),
  // A ring of 128 bytes, as Arduino's, whose reader comes by once a millisecond.
  await goodput("link.goodput.128", { sizeBytes: 1024 * 1024, ringBytes: 128, pollEveryMs: 1 }),
  await still(),
  {
    name: "wake.first_still",
    value: oneStill.firstStillSeconds,
    unit: "s; the camera's boot without Wi-Fi, 1.9 to 2.2 s, is an assumption",
    of: "6.7 s, the first stack's median from wake to ready",
    ratio: oneStill.firstStillSeconds / FIRST_STACK_READY_SECONDS,
  },
  // What every visit is, where the camera makes clips: one still and a clip.
  ...visitRows("", stillAndClip),
  ...visitRows(".still_only", oneStill),
  ...visitRows(".ten_stills", tenStills),
  {
    name: "visit.energy.first_stack",
    value: ((21 + FIRST_STACK_HOLD_SECONDS) * 250) / 3600,
    unit: "mAh, 21 s and its 90 s idle hold at 250 mA; reckoned from its timers",
  },
]);

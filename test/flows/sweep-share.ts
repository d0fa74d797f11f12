import { sweepPowerCuts } from "../../cli/sim/sweep/power-cut-sweep.ts";
import { recordUpdate } from "../../cli/sim/sweep/update-journal.ts";

/**
 * A share of the full recovery sweep: node test/flows/sweep-share.ts first|next SHARE SHARES. Prints a line a fault; exit
 * 1 for any.
 */
const [kind, share, shares] = process.argv.slice(2);
if (kind !== "first" && kind !== "next") throw new Error(`no ${kind} update`);

const IMAGE_BYTES = 1_200_000;
const journal = await recordUpdate(kind, IMAGE_BYTES, 1);
const { faults, recoveries } = await sweepPowerCuts(journal, journal.operations, {
  seed: 1,
  recoverEvery: Number(shares),
  recoverAt: Number(share),
  cutAgainEvery: 2,
});
for (const fault of faults) process.stdout.write(`${kind} update: ${JSON.stringify(fault)}\n`);
if (faults.length > 0 || recoveries === 0) process.exitCode = 1;

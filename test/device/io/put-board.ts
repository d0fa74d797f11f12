import { bundleExperiment, startExperiment } from "./experiment.ts";
import type { PutOutcome, PutPlan } from "./put-firmware.ts";

const firmware = bundleExperiment("put-firmware.ts");

/** A board with nothing but a radio, and a server that takes what is PUT. */
export async function startPut(plan: PutPlan) {
  const received: Uint8Array[] = [];
  const { traced, ...around } = startExperiment<PutOutcome>(await firmware, plan, {
    answer: ({ body }) => {
      if (body !== null) received.push(body);
      return new Response("{}");
    },
  });
  return { ...around, received, ended: traced };
}

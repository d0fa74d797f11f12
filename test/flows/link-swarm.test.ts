import { expect, inject, test } from "vitest";
import { planSwarm, runSwarm } from "./link-swarm.ts";

const seeds = inject("swarmSeeds");

test(
  `${seeds} seeds of faults on the camera's wires and at both ends: nothing corrupt, nothing stuck`,
  async () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const plan = planSwarm(seed);
      const wrong = await runSwarm(plan);
      expect(wrong, JSON.stringify(plan)).toBeUndefined();
    }
  },
  60_000 + seeds * 1_000,
);

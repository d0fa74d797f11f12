import { defineConfig } from "vitest/config";

/** The long tier, by hand: what `npm test` tries with a few seeds, with many; SEEDS=1000 npm run test:long for fewer. */
export default defineConfig({
  test: {
    include: ["test/**/*-swarm.test.ts"],
    provide: { swarmSeeds: Number(process.env.SEEDS ?? 10_000) },
  },
});

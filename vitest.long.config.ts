import { defineConfig } from "vitest/config";

/** The long tier, by hand: what `npm test` tries with a few seeds, with many. */
export default defineConfig({
  test: {
    include: ["test/**/*-swarm.test.ts"],
    provide: { swarmSeeds: 10_000 },
  },
});

import { defineConfig } from "vitest/config";

declare module "vitest" {
  interface ProvidedContext {
    /** How many seeds of faults the swarm tests draw. */
    swarmSeeds: number;
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: "test/browser/global-setup.ts",
    provide: { swarmSeeds: 200 },
  },
});

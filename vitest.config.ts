import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Vitest leaves one processor free by itself, which is half of a small machine.
    maxWorkers: "100%",
    // No test leaves anything in a module's state: loading the modules anew for each file is a tenth of the time.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    setupFiles: ["test/property-seed.ts"],
    globalSetup: ["test/browser/global-setup.ts", "test/services/left-out.ts"],
  },
});

import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes longest. A fresh clone remembers no times, and would begin with the longest texts. */
const SLOWEST = [
  ...["flows/swarm", "flows/planted-bugs", "flows/scenarios", "cli/sim", "cli/start", "readme"],
  ...["host-sim/xs-engine", "browser/operator-pages", "browser/portal", "cli/stop"],
  ...["flows/update-sweep", "cli/sim-pilot", "cli/sim-fleet", "browser/accessibility"],
];

/** The last file is waited for alone: it had better be a short one. */
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const known = SLOWEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return known < 0 ? SLOWEST.length : known;
    };
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Vitest leaves one processor free by itself, which is half of a small machine.
    maxWorkers: "100%",
    // No test leaves anything in a module's state: loading the modules anew for each file is a tenth of the time.
    isolate: false,
    sequence: { sequencer: SlowestFirst },
    // On a busy machine a process takes ten times as long to start; what hangs is found out all the same.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    setupFiles: ["test/bare-environment.ts", "test/property-seed.ts"],
    globalSetup: ["test/browser/global-setup.ts", "test/services/left-out.ts"],
  },
});

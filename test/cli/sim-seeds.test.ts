import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCommand } from "../../cli/sim/run/run-command.ts";
import type { RunResult } from "../../cli/sim/run/run-scenario.ts";
import { playSeeds } from "../../cli/sim/run/run-seeds.ts";
import { chooseScenario } from "../../cli/sim/run/scenario-file.ts";
import { randomStream } from "../../host-sim/random.ts";
import { RunningCommand } from "./running-command.ts";

const folder = mkdtempSync(join(tmpdir(), "skyfeeder-ranges-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeStory(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** As an endless loop would, and leaves the processor to the others. */
const STUCK = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);";

/** Each seed ends in its own way: a story knows its seed by what it draws. */
function storyOfEnds(ends: Readonly<Record<number, string>>): string {
  const cases = Object.entries(ends).map(
    ([seed, end]) => `if (drawn === ${randomStream(Number(seed), "story")()}) { ${end} }`,
  );
  return `export const scenario = { about: "", hours: 0.02, async play(stage, { random }) {
    const drawn = random();
    ${cases.join("\n")}
  } };`;
}

test("a seed that ends its process has failed, and the others are played", async () => {
  const story = writeStory(
    "ends.ts",
    storyOfEnds({
      1: "process.exit(0);",
      2: "process.kill(process.pid, 'SIGKILL');",
    }),
  );
  const save = join(folder, "ends");
  const report = [{ format: "junit", path: join(folder, "ends.xml") }] as const;
  const path = relative(process.cwd(), story);
  const outcome = await runCommand(path, { seeds: { first: 1, last: 3 }, save, report });
  if (outcome.kind === "failed") return expect.fail(outcome.failure.message);
  const again = (seed: number) =>
    `npm run -s skyfeeder -- sim run ${story} --engine node --seed ${seed}`;
  expect(outcome.value).toMatchObject({
    runs: 3,
    failures: [
      { seed: 1, broken: "the process that played it ended: exit code 0", replay: again(1) },
      { seed: 2, broken: "the process that played it ended: SIGKILL", replay: again(2) },
    ],
  });
  expect(readdirSync(save)).toHaveLength(2);
  expect(await chooseScenario(join(save, "ends-2.json"))).toMatchObject({ kind: "done" });
  expect(readFileSync(report[0].path, "utf8")).toContain('failures="2"');
}, 60_000);

/** The others are played in a fraction of a second where nothing else runs. */
const LATE_MS = 4_000;

test("a seed that does not return, waits for ever or leaves a rejection has failed", async () => {
  const story = writeStory(
    "stuck.ts",
    storyOfEnds({
      1: STUCK,
      2: "return new Promise(() => {});",
      3: "stage.at(9, () => { void Promise.reject(new Error('forgotten')); });",
    }),
  );
  const results: RunResult[] = [];
  const wanted = { scenario: story, engine: "node", first: 1, last: 3 } as const;
  const played = (result: RunResult): void => void results.push(result);
  await playSeeds(wanted, { played, stop: new AbortController().signal }, LATE_MS);
  expect(results.toSorted((one, other) => one.seed - other.seed)).toMatchObject([
    { seed: 1, broken: "the process that played it ended: not over after 4 s" },
    { seed: 2, broken: "Error: the story waits for what never comes", plan: [] },
    { seed: 3, broken: "Error: forgotten", plan: [] },
  ]);
}, 60_000);

test("of all seeds that there are the first are played at once, in little memory", async () => {
  const story = writeStory("first.ts", storyOfEnds({ 0: "throw new Error('at once');" }));
  const args = ["cli/skyfeeder.js", "sim", "run", story, "--seeds", "0..4294967295"];
  const little = { NODE_OPTIONS: "--max-old-space-size=300" };
  const command = new RunningCommand(process.execPath, args, little);
  await command.printed(/seed 0 fails: Error: at once/);
  const { code, stdout } = await command.interrupt();
  expect(stdout).toMatch(/seeds 0\.\.4294967295: \d+ of \d+ hold, the others were not played;/);
  expect(code).toBe(1);
}, 60_000);

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.each([
  ["Ctrl-C", (command: RunningCommand) => void command.interrupt()],
  ["SIGTERM to the command alone", (command: RunningCommand) => command.signal("SIGTERM")],
])(
  "%s ends a range: what failed by then is printed and kept, and nothing plays on",
  async (name, end) => {
    const stuck = `process.stderr.write("stuck in " + process.pid + "\\n"); ${STUCK}`;
    const ends = { 1: "throw new Error('at once');", ...{ 2: stuck, 3: stuck, 4: stuck } };
    const story = writeStory(`${name}.ts`, storyOfEnds(ends));
    const save = join(folder, name);
    const args = ["sim", "run", story, "--seeds", "1..4", "--save", save, "--json"];
    const command = new RunningCommand(process.execPath, ["cli/skyfeeder.js", ...args]);
    await command.printed(/seed 1 fails/);
    await command.printed(/stuck in \d+/);
    end(command);
    const { code, stdout, stderr } = await command.end();
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ seeds: "1..4", runs: 1, ok: false, interrupted: true },
      failures: [{ seed: 1, broken: "Error: at once" }],
    });
    expect(code).toBe(1);
    expect(readdirSync(save)).toEqual([`${name}-1.json`]);
    const players = [...stderr.matchAll(/stuck in (\d+)/g)].map(([, pid]) => Number(pid));
    expect(players.filter(isRunning)).toEqual([]);
  },
  60_000,
);

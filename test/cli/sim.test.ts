import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { playScenario } from "../../cli/sim/play-scenario.ts";
import { failureLine, type RunResult, runScenario } from "../../cli/sim/run/run-scenario.ts";
import { digestTraces } from "../../cli/sim/run/run-seeds.ts";
import { keepFailures } from "../../cli/sim/run/saved-failure.ts";
import { chooseScenario } from "../../cli/sim/run/scenario-file.ts";
import { buildProps } from "../../cli/sim/scenario-props.ts";
import { chooseEngine } from "../../host-sim/engines/engine-choice.ts";
import { FirmwareDeath } from "../../host-sim/engines/firmware-death.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import type { Scenario } from "../../host-sim/scenario.ts";
import { ROOT } from "../tidy/source-tree.ts";
import { skyfeeder } from "./running-command.ts";

const folder = mkdtempSync(join(tmpdir(), "skyfeeder-seeds-"));

function writeStory(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("sim run plays a story once, and the same seed plays it again", async () => {
  const runs = await Promise.all([
    skyfeeder("sim", "run", "update", "--json"),
    skyfeeder("sim", "run", "update", "--json", "--seed", "1"),
    skyfeeder("sim", "run", "update", "--json", "--seed", "2"),
  ]);
  const [first, again, other] = runs.map(({ stdout }) => JSON.parse(stdout));
  expect(first).toMatchObject({ scenario: "update", engine: "node", seed: 1, ok: true });
  expect(first.virtualSeconds).toBe(7200);
  expect(first.told).toContainEqual(expect.stringMatching(/1\.1\.0 confirmed$/));
  expect(first.told).toContainEqual(expect.stringMatching(/1\.2\.0 failed sha256_mismatch$/));
  expect(again.traceHash).toBe(first.traceHash);
  expect(other.traceHash).not.toBe(first.traceHash);
}, 60_000);

test("sim run says how a failure is seen again, keeps it, and plays what was kept", async () => {
  const story = writeStory("broken.ts", BROKEN_STORY);
  const kept = join(folder, "kept", "here");
  const plan = JSON.stringify([RELAY_DROP, WIFI_AWAY, { ...RELAY_DROP, atMs: 200_000 }]);
  const { code, stdout } = await skyfeeder("sim", "run", story, "--plan", plan, "--save", kept);
  expect(code).toBe(1);
  expect(stdout).toContain("never: there was no Wi-Fi");
  expect(stdout).toContain(`1 faults: ${JSON.stringify([WIFI_AWAY])}`);
  expect(stdout).toContain(`--engine node --seed 1 --plan '${JSON.stringify([WIFI_AWAY])}'`);
  expect(readdirSync(kept)).toEqual(["broken-1.json"]);
  const file = join(kept, "broken-1.json");
  const again = await skyfeeder("sim", "run", file, "--seeds", "4..5", "--json");
  expect(again.code).toBe(1);
  const replay = expect.stringContaining(`sim run ${story} --engine node --seed 5 --plan '[{`);
  expect(JSON.parse(again.stdout)).toMatchObject({
    ok: false,
    failures: [
      { seed: 4, plan: [WIFI_AWAY] },
      { seed: 5, plan: [WIFI_AWAY], replay },
    ],
  });
}, 60_000);

test("a story of the tree has its name, however it was asked for", async () => {
  const path = relative(process.cwd(), join(ROOT, "host-sim/scenarios/photo.ts"));
  expect(await chooseScenario(path)).toMatchObject({ value: { name: "photo" } });
  const other = writeStory("photo.ts", BROKEN_STORY);
  expect(await chooseScenario(other)).toMatchObject({ value: { name: other } });
});

test("sim run plays a range of seeds on all processors", async () => {
  const { code, stdout } = await skyfeeder("sim", "run", "photo", "--seeds", "3..8", "--json");
  expect(code).toBe(0);
  const range = JSON.parse(stdout);
  expect(range.traceHash).toMatch(/^[0-9a-f]{64}$/);
  expect(range).toMatchObject({
    scenario: "photo",
    seeds: "3..8",
    runs: 6,
    virtualSeconds: 6 * 1800,
    failures: [],
    ok: true,
  });
}, 60_000);

const RELAY_DROP = { kind: "relay_drop", atMs: 100_000 } as const;
const WIFI_AWAY = { kind: "wifi_away", feeder: 0, atMs: 60_000, forMs: 30_000 };

/** Anybody's story, from a folder of his own. */
const BROKEN_STORY = `
let wasAway = false;
export const scenario = {
  about: "no Wi-Fi is taken for a failure",
  hours: 0.1,
  play(stage) {
    wasAway = false;
    stage.at(70_000, () => { wasAway = !stage.feeders[0].board.radio.inReach; });
  },
  ending: () => (wasAway ? "never: there was no Wi-Fi" : undefined),
};
`;

test("sim sweep update prints what it counted, and lets the firmware finish where it is asked to", async () => {
  const args = ["--image-bytes", "300000", "--recover-every", "1000", "--json"];
  const { stdout, code } = await skyfeeder("sim", "sweep", "update", ...args);
  expect(code).toBe(0);
  const { points, bootable, recoveries, recovered, sequenceFell, wallMs } = JSON.parse(stdout);
  expect({ bootable, sequenceFell }).toEqual({ bootable: points, sequenceFell: 0 });
  expect(recoveries).toBe(recovered);
  expect(recovered).toBeGreaterThanOrEqual(8);
  expect(wallMs).toBeGreaterThan(0);
}, 60_000);

const QUIET: Scenario = { about: "nothing happens", hours: 0.02, play: () => {} };
const props = await buildProps();

test.each<[Readonly<Record<string, () => unknown>>, string]>([
  [{ ending: () => 42 }, "the story's ending says no text: 42"],
  [{ ending: () => null }, "the story's ending says no text: null"],
  [{ props: () => ({ feeders: 0 }) }, "the story's props: feeders: "],
  [{ props: () => ({ feeders: 1.5 }) }, "the story's props: feeders: "],
  [{ props: () => Reflect.get(null as never, "a") }, "the story's props: TypeError"],
])("a story with %o is broken: %s", async (part, broken) => {
  const played = await playScenario({ ...QUIET, ...part }, props, { seed: 1, engine: nodeEngine });
  expect(played.broken).toContain(broken);
});

const ON_NODE = { seed: 1, engine: nodeEngine, engineName: "node" } as const;

test("what breaks by luck keeps all its faults, and is said not to repeat", async () => {
  let plays = 0;
  const ending = () => (plays++ === 0 ? "a\nbad day" : undefined);
  const plan = [{ kind: "relay_drop", atMs: 1_000 } as const];
  const result = await runScenario("luck", { ...QUIET, ending }, props, { ...ON_NODE, plan });
  expect(result).toMatchObject({ ok: false, broken: "a bad day", plan, repeats: false });
  expect(failureLine(result)).toContain("seed 1: a bad day; it does not repeat; 1 faults");
  expect(plays).toBe(2);
});

test("what is said of a failure is what its fewest faults make of it, as its replay will", async () => {
  let plays = 0;
  const ending = () => `broken in\nplay ${++plays}`;
  const plan = [RELAY_DROP, { ...RELAY_DROP, atMs: 20_000 }];
  const result = await runScenario("numbers", { ...QUIET, ending }, props, { ...ON_NODE, plan });
  expect(result).toMatchObject({ broken: `broken in play ${plays}`, plan: [] });
});

test("an engine that is lost says nothing about the firmware", async () => {
  const engine = () => {
    throw new FirmwareDeath("lost");
  };
  const result = await runScenario("photo", QUIET, props, { ...ON_NODE, engine });
  expect(result).toMatchObject({ ok: false, engineFailed: true });
  expect(result.plan).toBeUndefined();
  expect(await keepFailures([result], folder)).toMatchObject({ value: [] });
});

test("XS without a temporary folder is trouble of this computer", () => {
  const xs = chooseEngine("xs");
  if ("missing" in xs) return expect(process.env.CI, xs.missing).toBeUndefined();
  const args = ["cli/skyfeeder.js", "sim", "run", "photo", "--engine", "xs", "--json"];
  const env = { ...process.env, TMPDIR: join(folder, "nowhere") };
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, env });
  expect(JSON.parse(String(stdout))).toMatchObject({ error: { code: "engine_failed" } });
  expect(status).toBe(1);
}, 60_000);

test("a failure of a story with an odd name is one line for a shell", async () => {
  const scenario = join(folder, "it's mine.ts");
  const name = { scenario, engine: "xs", seed: 7 } as const;
  const result = { ...name, ok: false, traceHash: "", virtualSeconds: 0, wallMs: 0, told: [] };
  const line = failureLine({ ...result, plan: [RELAY_DROP] });
  const command = line.slice(line.indexOf("sim run "));
  const { stdout } = spawnSync("sh", ["-c", `printf '%s\n' ${command}`], { encoding: "utf8" });
  const words = ["sim", "run", scenario, "--engine", "xs", "--seed", "7", "--plan"];
  expect(stdout.trim().split("\n")).toEqual([...words, JSON.stringify([RELAY_DROP])]);
  const kept = await keepFailures([result], folder);
  expect(kept).toMatchObject({ value: [join(folder, "it's mine-xs-7.json")] });
});

test("what is kept stays: the same failure is one file, another of its seed a second", async () => {
  const own = join(folder, "twice");
  mkdirSync(own);
  const name = { scenario: "photo", engine: "node", seed: 1 } as const;
  const result = { ...name, ok: false, told: [] };
  const rest = { traceHash: "", virtualSeconds: 0, wallMs: 0, plan: [RELAY_DROP] };
  const keep = (broken: string) => keepFailures([{ ...result, ...rest, broken }], own);
  for (const broken of ["one", "other", "one", "other"]) await keep(broken);
  const said = readdirSync(own)
    .sort()
    .map((file) => [file, JSON.parse(readFileSync(join(own, file), "utf8")).broken]);
  expect(said).toEqual([
    ["photo-1-2.json", "other"],
    ["photo-1.json", "one"],
  ]);
});

test("the digest of a range is of each trace, in order", () => {
  const traces = ["ab", "cd"].map((traceHash) => ({ traceHash }) as RunResult);
  expect(digestTraces(traces)).not.toBe(digestTraces(traces.toReversed()));
});

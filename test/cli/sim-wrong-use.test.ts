import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCommand } from "../../cli/sim/run/run-command.ts";
import { chooseScenario } from "../../cli/sim/run/scenario-file.ts";
import { skyfeeder } from "./running-command.ts";

const folder = mkdtempSync(join(tmpdir(), "skyfeeder-wrong-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeStory(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test.each([
  [["sim", "run", "update", "--seeds", "5..1"]],
  [["sim", "run", "update", "--engine", "v9"]],
  [["sim", "run", "update", "--seed", "none"]],
  [["sim", "run", "update", "--seeds", "1..2", "--seed", "7"]],
  [["sim", "run", "update", "--seeds", "1..2", "--real-time"]],
  [["sim", "sweep", "update", "--image-bytes", "5"]],
  [["sim", "sweep", "update", "--recover-every", "-1"]],
  [["sim"]],
])("%j is a wrong use", async (args) => {
  const { stdout, code } = await skyfeeder(...args, "--json");
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "usage" } });
});

const SAVED = { scenario: "photo", engine: "node", seed: 1, broken: "", plan: [] };
const saved = (change: object) => JSON.stringify({ ...SAVED, ...change });
const exported = (fields: string) =>
  `export const scenario = { about: "", hours: 1, play() {}, ${fields} };`;

test.each([
  ["a.json", "[]", "bad_seed_file", "no JSON object"],
  ["b.json", saved({ engine: "v9" }), "bad_seed_file", "engine: "],
  ["c.json", saved({ seed: -1 }), "bad_seed_file", "seed: "],
  ["d.json", saved({ seed: 1.5 }), "bad_seed_file", "seed: "],
  ["e.json", saved({ scenario: "e.json" }), "bad_seed_file", "a saved failure is no scenario"],
  ["f.json", saved({ plan: [{ kind: "meteor" }] }), "bad_seed_file", "kind"],
  ["a.ts", "export const scenario = {", "no_scenario", "a.ts does not load: "],
  ["b.ts", 'import "./nowhere.ts";', "no_scenario", "Cannot find module"],
  ["c.ts", 'throw new Error("at load");', "no_scenario", "Error: at load"],
  ["d.ts", "export const story = {};", "no_scenario", "exports no scenario"],
  ["e.ts", exported("about: 7"), "bad_scenario", "about: "],
  ["f.ts", exported("hours: Infinity"), "bad_scenario", "hours: "],
  ["g.ts", exported("hours: NaN"), "bad_scenario", "hours: "],
  ["h.ts", exported("hours: 0"), "bad_scenario", "hours: "],
  ["i.ts", exported("play: 7"), "bad_scenario", "play: no function"],
  ["j.ts", exported("props: {}"), "bad_scenario", "props: no function"],
  ["k.ts", exported('faults: [{ kind: "meteor" }]'), "bad_scenario", "faults: "],
  ["l.ts", exported('faults: { kinds: ["meteor"], healedAtHours: 1 }'), "bad_scenario", "kinds.0"],
  ["m.ts", exported("faults: { kinds: [], healedAtHours: 2 }"), "bad_scenario", "hour 2 of 1"],
])("%s with %j is refused as %s: %s", async (name, text, code, message) => {
  expect(await chooseScenario(writeStory(name, text))).toMatchObject({
    failure: { code, message: expect.stringContaining(message), exitCode: 2 },
  });
});

function reportsTo(...paths: readonly string[]) {
  return paths.map((path) => ({ format: "junit", path }) as const);
}

function planOf(fault: object): string {
  return JSON.stringify([{ kind: "wifi_away", ...fault }]);
}

test.each([
  [["bird"], "unknown_scenario", 2],
  [["./nowhere.ts"], "not_found", 4],
  [["./nowhere.json"], "not_found", 4],
  [["photo", { plan: "{" }], "bad_plan", 2],
  [["photo", { plan: '[{"kind":"meteor"}]' }], "bad_plan", 2],
  [["photo", { plan: planOf({ feeder: 1, atMs: 0, forMs: 1 }) }], "bad_plan", 2],
  [["photo", { plan: planOf({ feeder: 0, atMs: 1_800_000, forMs: 1 }) }], "bad_plan", 2],
  [["photo", { save: join(import.meta.filename, "seeds") }], "save_unwritable", 1],
  [["photo", { report: reportsTo("/no/such/folder/a.xml") }], "report_unwritable", 1],
  [["photo", { report: reportsTo(folder) }], "report_unwritable", 1],
  [["photo", { report: reportsTo("a.xml", "./a.xml") }], "usage", 2],
] as const)("sim run %j is refused as %s", async ([name, options = {}], code, exitCode) => {
  expect(await runCommand(name, options)).toMatchObject({ failure: { code, exitCode } });
});

test("a kept failure of another story is refused as a plan of one is", async () => {
  const plan = [{ kind: "brownout", feeder: 9, atMs: 1 }];
  const kept = writeStory("kept.json", saved({ plan }));
  expect(await runCommand(kept, {})).toMatchObject({
    failure: { code: "bad_plan", message: "0.feeder: the last of the story is 0" },
  });
});

test("a report that cannot be written is refused before it is played", async () => {
  const told = join(folder, "was-played");
  const story = writeStory(
    "told.ts",
    `import { writeFileSync } from "node:fs";
    export const scenario = { about: "", hours: 0.02, play() { writeFileSync(${JSON.stringify(told)}, ""); } };`,
  );
  await runCommand(story, { report: reportsTo("/no/such/folder/a.xml") });
  expect(existsSync(told)).toBe(false);
  await runCommand(story, { report: reportsTo(join(folder, "told.xml")) });
  expect(existsSync(told)).toBe(true);
});

test("a plan that is no JSON is said to be none, and what is refused is one JSON value", async () => {
  const { code, stdout } = await skyfeeder("sim", "run", "photo", "--plan", "nonsense", "--json");
  expect(code).toBe(2);
  expect(JSON.parse(stdout).error.message).toBe("the plan is not JSON");
});

import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { skyfeeder } from "./running-command.ts";

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
  const folder = mkdtempSync(join(tmpdir(), "skyfeeder-seeds-"));
  const story = join(folder, "broken.ts");
  writeFileSync(story, BROKEN_STORY);
  const plan = JSON.stringify([RELAY_DROP, WIFI_AWAY, { ...RELAY_DROP, atMs: 200_000 }]);
  const { code, stdout } = await skyfeeder("sim", "run", story, "--plan", plan, "--save", folder);
  expect(code).toBe(1);
  expect(stdout).toContain("never: there was no Wi-Fi");
  expect(stdout).toContain(`1 faults: ${JSON.stringify([WIFI_AWAY])}`);
  expect(stdout).toContain(`--engine node --seed 1 --plan '${JSON.stringify([WIFI_AWAY])}'`);
  const [kept = ""] = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const again = await skyfeeder("sim", "run", join(folder, kept), "--json");
  expect(again.code).toBe(1);
  expect(JSON.parse(again.stdout)).toMatchObject({ ok: false, seed: 1, plan: [WIFI_AWAY] });
}, 60_000);

test("sim run plays a range of seeds on all processors", async () => {
  const { code, stdout } = await skyfeeder("sim", "run", "photo", "--seeds", "3..8", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    scenario: "photo",
    seeds: "3..8",
    runs: 6,
    virtualSeconds: 6 * 1800,
    failures: [],
    ok: true,
  });
}, 60_000);

const RELAY_DROP = { kind: "relay_drop", atMs: 100_000 };
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

test.each([
  [["sim", "run", "update", "--seeds", "5..1"]],
  [["sim", "run", "update", "--engine", "v9"]],
  [["sim", "run", "update", "--seed", "none"]],
  [["sim", "sweep", "update", "--image-bytes", "5"]],
  [["sim", "sweep", "update", "--recover-every", "-1"]],
  [["sim"]],
])("%j is a wrong use", async (args) => {
  const { stdout, code } = await skyfeeder(...args, "--json");
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "usage" } });
});

test.each([
  [["bird"], "unknown_scenario"],
  [["./nowhere.ts"], "no_scenario"],
  [["./nowhere.json"], "bad_seed_file"],
  [["photo", "--plan", "{"], "bad_plan"],
  [["photo", "--plan", '[{"kind":"meteor"}]'], "bad_plan"],
])("sim run %j is refused as %s", async (args, code) => {
  const refused = await skyfeeder("sim", "run", ...args, "--json");
  expect(refused.code).toBe(2);
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code } });
});

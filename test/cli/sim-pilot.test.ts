import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { beforeAll, describe, expect, test } from "vitest";
import { drawVisits } from "../../cli/sim/pilot/birds.ts";
import { summarise } from "../../cli/sim/pilot/latency.ts";
import { runPilot } from "../../cli/sim/pilot/pilot.ts";
import { pilotCsv } from "../../cli/sim/pilot/pilot-csv.ts";
import { pilotPage } from "../../cli/sim/pilot/pilot-page.ts";
import { drawPilotPlan } from "../../cli/sim/pilot/pilot-plan.ts";
import type { PilotReport } from "../../cli/sim/pilot/pilot-report.ts";
import { pilotText } from "../../cli/sim/pilot/pilot-text.ts";
import type { Props } from "../../cli/sim/play-scenario.ts";
import { buildProps } from "../../cli/sim/scenario-props.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../host-sim/durations.ts";
import type { FaultPlan } from "../../host-sim/faults/fault.ts";
import { randomStream } from "../../host-sim/random.ts";
import type { World } from "../../host-sim/world.ts";
import { skyfeeder } from "./running-command.ts";

const SMALL = { devices: 1, days: 1, visitsADay: 6, seed: 1 };
let props: Props;
beforeAll(async () => {
  props = await buildProps();
});

async function pilot(
  options: Partial<typeof SMALL>,
  circumstances: { readonly plan?: FaultPlan; readonly props?: Props } = {},
): Promise<PilotReport> {
  const outcome = await runPilot(
    { ...SMALL, ...options },
    { props, progress: () => {}, ...circumstances },
  );
  if (outcome.kind === "failed") throw new Error(outcome.failure.message);
  return outcome.value;
}

test("two feeders meet every target in spite of a day's faults", async () => {
  const report = await pilot({ devices: 2, seed: 4 });
  expect(report.missed).toEqual([]);
  expect(Object.keys(report.faults).length).toBeGreaterThan(2);
  for (const { stills, update, settings, heartbeat } of report.feeders) {
    expect(stills.acknowledged).toBeGreaterThan(2);
    expect(stills.kept).toBe(stills.acknowledged);
    expect(update).toMatchObject({ status: "confirmed", version: "1.1.0" });
    expect(settings).toMatchObject({ status: "applied", obeyed: true });
    expect(heartbeat.minutes).toBe(1440);
  }
}, 60_000);

describe("a target that is missed", () => {
  const targets = ({ missed }: PilotReport) => [...new Set(missed.map(({ target }) => target))];

  test("heartbeat: two hours without Wi-Fi", async () => {
    const plan: FaultPlan = [
      { kind: "wifi_away", feeder: 0, atMs: 6 * HOUR_MS, forMs: 2 * HOUR_MS },
    ];
    const report = await pilot({ visitsADay: 20 }, { plan });
    expect(targets(report)).toEqual(["heartbeat"]);
    const { heard, minutes, afterReplay } = report.feeders[0]?.heartbeat ?? expect.fail();
    expect(minutes - heard).toBeGreaterThanOrEqual(118);
    expect(minutes - heard).toBeLessThanOrEqual(123);
    expect(afterReplay).toBeGreaterThanOrEqual(heard);
    const { reconnects, eventsLate, eventsTwice } = report.feeders[0]?.relay ?? expect.fail();
    // For the update, for the Wi-Fi, and to show that the server is reached with other settings.
    expect({ reconnects, eventsTwice }).toEqual({ reconnects: 3, eventsTwice: 0 });
    expect(eventsLate).toBeGreaterThan(0);
  }, 60_000);

  test("all but kept: a server that refuses everything to the end", async () => {
    const plan: FaultPlan = [
      { kind: "http_status", atMs: HOUR_MS, forMs: 2 * DAY_MS, share: 1, status: 503 },
    ];
    const report = await pilot({}, { plan });
    // Its session was open; to try other settings it is opened anew, and discovery is refused.
    expect(targets(report).sort()).toEqual([
      ...["heartbeat", "interventions", "settings", "update", "upload"],
    ]);
    expect(pilotText(report)).toContain("MISSED upload: feeder-1: 0 of ");
  }, 60_000);

  test("interventions: somebody else filled its storage, and it waits in safe mode", async () => {
    const plan: FaultPlan = [
      { kind: "storage_full", feeder: 0, atMs: 20 * HOUR_MS, forMs: 20 * MINUTE_MS },
      { kind: "brownout", feeder: 0, atMs: 20 * HOUR_MS + 5 * MINUTE_MS },
    ];
    const { missed } = await pilot({}, { plan });
    expect(missed).toEqual([
      { target: "interventions", where: "feeder-1", what: "it is in safe mode: storage_failed" },
    ]);
  }, 60_000);

  test("interventions: safe mode that outlasted the feeder's own try, though it is over", async () => {
    const plan: FaultPlan = [
      { kind: "storage_full", feeder: 0, atMs: HOUR_MS, forMs: 30 * HOUR_MS },
      { kind: "brownout", feeder: 0, atMs: HOUR_MS + 5 * MINUTE_MS },
    ];
    const { missed } = await pilot({ days: 2, visitsADay: 1 }, { plan });
    expect(missed.map(({ what }) => what)).toContain("safe mode for over a day");
  }, 60_000);

  test("kept: a server that has forgotten the bytes of a photo", async () => {
    let forgotten: string | undefined;
    const startServer = async (world: World) => {
      const server = await props.startServer(world);
      const { ask } = server;
      return Object.assign(server, {
        ask: (path: string, init?: RequestInit) => {
          if (path.startsWith("/v1/objects/")) forgotten ??= path;
          return path === forgotten ? Promise.resolve(new Response("gone")) : ask(path, init);
        },
      });
    };
    const { missed } = await pilot({}, { plan: [], props: { ...props, startServer } });
    const what = "1 acknowledged photos are lost";
    expect(missed).toEqual([{ target: "kept", where: "feeder-1", what }]);
  }, 60_000);
});

describe("the files", () => {
  let report: PilotReport;
  beforeAll(async () => {
    report = await pilot({ visitsADay: 2, seed: 4 });
  }, 60_000);

  test("are the same from the same seed", async () => {
    const again = await pilot({ visitsADay: 2, seed: 4 });
    expect(again.traceHash).toBe(report.traceHash);
    expect(pilotCsv(again.feeders)).toBe(pilotCsv(report.feeders));
  }, 60_000);

  test("CSV: a line a feeder under the names", () => {
    const [row] = report.feeders;
    if (row === undefined) return expect.fail();
    const strange = { ...row, interventions: ['says "no", twice'] };
    const lines = pilotCsv([row, strange]).split("\r\n");
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^device,visits,.*,heard_share,/);
    expect(lines[2]).toContain(',"says ""no"", twice",');
  });

  test("HTML: needs nothing else, runs nothing, and takes no text for markup", () => {
    const missed = [{ target: "kept", where: "<img src=x>", what: "a & b" }];
    const page = pilotPage({ ...report, missed });
    expect(page).not.toMatch(/<script|<img|<link|https?:/);
    expect(page).toContain("&lt;img src=x&gt;: a &amp; b");
    expect(page).toContain("No board took part.");
    const [, style = ""] = /<style>([\s\S]*)<\/style>/.exec(page) ?? [];
    const hash = createHash("sha256").update(style).digest("base64");
    expect(page).toContain(`default-src 'none'; style-src 'sha256-${hash}'`);
  });
});

test("latencies: the nearest rank, and buckets that add up", () => {
  const latency = summarise([3_000, 1_000, 2_000, 5_000, 5_001, 9 * HOUR_MS]);
  expect(latency).toMatchObject({ count: 6, p50Ms: 3_000, p90Ms: 9 * HOUR_MS });
  expect(latency.buckets.map(({ count }) => count)).toEqual([4, 1, 0, 0, 0, 0, 0, 1]);
  expect(summarise([])).toMatchObject({ count: 0, p50Ms: 0, maxMs: 0 });
});

test("birds come by day, about as many as were asked for, in order", () => {
  const visits = drawVisits(randomStream(1, "birds"), { days: 30, visitsADay: 40 });
  expect(visits.length / 30).toBeGreaterThan(35);
  expect(visits.length / 30).toBeLessThan(45);
  const hours = visits.map(({ atMs }) => Math.floor((atMs % DAY_MS) / HOUR_MS));
  expect(hours.filter((hour) => hour < 4 || hour > 20)).toEqual([]);
  expect(visits.map(({ atMs }) => atMs)).toEqual(
    visits.map(({ atMs }) => atMs).toSorted((one, other) => one - other),
  );
});

test("faults come at the same rate over the whole time, to every feeder, and end within it", () => {
  const stream = (name: string) => randomStream(7, name);
  const forMs = 31 * DAY_MS;
  const plan = drawPilotPlan(stream, { feeders: 2, forMs });
  const early = plan.filter(({ atMs }) => atMs < forMs / 2);
  expect(early.length / plan.length).toBeGreaterThan(0.4);
  expect(early.length / plan.length).toBeLessThan(0.6);
  expect(new Set(plan.map((fault) => ("feeder" in fault ? fault.feeder : "server")))).toEqual(
    new Set([0, 1, "server"]),
  );
  const ends = plan.map((fault) => fault.atMs + ("forMs" in fault ? fault.forMs : 0));
  expect(Math.max(...ends)).toBeLessThanOrEqual(forMs);
});

test.each([
  ["--devices", "0"],
  ["--days", "90"],
  ["--visits-a-day", "many"],
])("sim pilot %s %s is a wrong use", async (...args) => {
  const { stdout, code } = await skyfeeder("sim", "pilot", ...args, "--json");
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "usage" } });
});

test.each([
  [["--html", "/no/such/folder/pilot.html"], "report_unwritable", 1],
  [["--csv", tmpdir()], "report_unwritable", 1],
  [["--csv", "a.pilot", "--html", "./a.pilot"], "usage", 2],
] as const)("%j is refused before the pilot, not after", async (files, error, exitCode) => {
  const { stdout, stderr, code } = await skyfeeder(
    "sim",
    "pilot",
    "--days",
    "1",
    ...files,
    "--json",
  );
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: error } });
  expect(code).toBe(exitCode);
  expect(stderr).not.toContain("day 1 of 1");
});

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { htmlReport } from "../../cli/sim/report/html-report.ts";
import { junitReport } from "../../cli/sim/report/junit-report.ts";
import { reportRuns } from "../../cli/sim/report/recording.ts";
import { parseReportTarget } from "../../cli/sim/report/report-target.ts";
import { type RunReport, writeReports } from "../../cli/sim/report/run-report.ts";
import type { RunResult } from "../../cli/sim/run/run-scenario.ts";
import { buildProps } from "../../cli/sim/scenario-props.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import type { FaultPlan } from "../../host-sim/faults/fault.ts";
import { scenario } from "../../host-sim/scenarios/photo.ts";
import { findViolations } from "../browser/barriers.ts";
import { launchChromium } from "../browser/chromium.ts";

/** It closes whatever it is put into, holds what XML cannot, and half a character. */
const HOSTILE = `]]>"'</failure><img src=x onerror="fetch('//away.test')">&\u0000\u001b[31m\ud800 \u{1f426}`;
const AS_TEXT = HOSTILE.replaceAll(/[^ -~\u{1f426}]/gu, "\uFFFD");

const PLAN: FaultPlan = [
  { kind: "wifi_away", feeder: 0, atMs: 60_000, forMs: 120_000 },
  { kind: "relay_drop", atMs: 600_000 },
  { kind: "http_status", atMs: 1_700_000, forMs: 100_000, share: 0.5, status: 503 },
];

const held: RunResult = {
  scenario: "photo",
  engine: "node",
  seed: 1,
  ok: true,
  traceHash: "ab".repeat(32),
  virtualSeconds: 1800,
  wallMs: 1234,
  told: [],
};
const broken: RunResult = { ...held, seed: 2, ok: false, broken: HOSTILE, plan: PLAN };

let report: RunReport;
let browser: Browser;
const folder = mkdtempSync(join(tmpdir(), "skyfeeder-reports-"));
beforeAll(async () => {
  report = await reportRuns([held, broken], scenario, await buildProps(), { engine: nodeEngine });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

test.each([
  ["junit:a.xml", [{ format: "junit", path: "a.xml" }]],
  [
    "junit:out/a,b.xml,html:a:b.html",
    [
      { format: "junit", path: "out/a,b.xml" },
      { format: "html", path: "a:b.html" },
    ],
  ],
])("%s names files", (text, targets) => {
  expect(parseReportTarget(text)).toEqual(targets);
});

test.each(["", "a.xml", "junit:", "xml:a", "junit:,html:a", "html:a,html:"])(
  "%j names no report",
  (text) => {
    expect(() => parseReportTarget(text)).toThrow("junit:FILE");
  },
);

test("reports are written whole, and nothing is left of one that cannot be", async () => {
  const path = (name: string) => join(folder, name);
  const targets = [
    { format: "junit", path: path("a.xml") },
    { format: "html", path: path("a.html") },
  ] as const;
  expect(await writeReports(targets, report)).toEqual({
    kind: "done",
    value: [path("a.xml"), path("a.html")],
  });
  expect(readFileSync(path("a.xml"), "utf8")).toBe(junitReport(report));
  expect(readFileSync(path("a.html"), "utf8")).toBe(htmlReport(report));

  const nowhere = { format: "junit", path: path("no/such/a.xml") } as const;
  expect(await writeReports([nowhere], report)).toMatchObject({
    kind: "failed",
    failure: { code: "report_unwritable", exitCode: 1 },
  });
  expect(existsSync(path("no"))).toBe(false);
  expect(readdirSync(folder).sort()).toEqual(["a.html", "a.xml"]);
});

/** What an XML parser finds: of each element its attributes, and its text where it holds no other. */
async function parseXml(text: string) {
  const page = await browser.newPage();
  const elements = await page.evaluate((xml) => {
    const parsed = new DOMParser().parseFromString(xml, "application/xml");
    return [...parsed.querySelectorAll("*")].map((element) => ({
      name: element.tagName,
      attributes: Object.fromEntries(
        [...element.attributes].map(({ name, value }) => [name, value]),
      ),
      text: element.children.length === 0 ? (element.textContent ?? "") : "",
    }));
  }, text);
  await page.close();
  return elements;
}

test("JUnit's XML has a suite a scenario and a case a run, and a failure says all of itself", async () => {
  const other: RunResult = { ...held, scenario: `swarm ${HOSTILE}` };
  const elements = await parseXml(junitReport({ results: [held, broken, other] }));
  expect(elements.map(({ name }) => name)).toEqual([
    "testsuites",
    ...["testsuite", "testcase", "system-out", "testcase", "failure", "system-out"],
    ...["testsuite", "testcase", "system-out"],
  ]);
  // junit-10.xsd has no `skipped` here.
  const all = { tests: "3", failures: "1", errors: "0", time: "3.702" };
  expect(elements[0]?.attributes).toEqual(all);
  const two = { tests: "2", failures: "1", errors: "0", skipped: "0", time: "2.468" };
  const suite = { name: "photo", ...two };
  expect(elements[1]?.attributes).toEqual(suite);
  expect(elements[2]?.attributes).toEqual({
    classname: "photo",
    name: "engine node seed 1",
    time: "1.234",
  });
  expect(elements[5]?.attributes).toEqual({ type: "invariant", message: AS_TEXT });
  const said = elements[5]?.text ?? "";
  expect(said.split("\n")[0]).toBe(AS_TEXT);
  expect(said).toContain(JSON.stringify(PLAN));
  expect(said).toContain("sim run photo --engine node --seed 2 --plan");
  expect(elements[8]?.attributes.classname).toBe(`swarm ${AS_TEXT}`);
});

test("JUnit's XML sees a run again as it was: without a plan where none is known", async () => {
  const { plan: _, ...unplanned } = broken;
  const ended: RunResult = { ...unplanned, broken: "its process ended", endedProcess: true };
  const lucky: RunResult = { ...broken, repeats: false };
  const said = (await parseXml(junitReport({ results: [ended, lucky] }))).filter(
    ({ name }) => name === "failure",
  );
  const lines = said.map(({ text }) => text.split("\n").slice(1));
  const [unknown, luck] = lines;
  expect(unknown?.[0]).toBe("faults as the seed draws them");
  expect(unknown?.[1]).toMatch(/--engine node --seed 2$/);
  expect(luck?.[0]).toMatch(/^it does not repeat; 3 faults: \[/);
});

/** The page of a report, opened from its file by a browser without a network. */
async function openReport(shown: RunReport) {
  const path = join(folder, "page.html");
  writeFileSync(path, htmlReport(shown));
  const context = await browser.newContext({ offline: true });
  const page = await context.newPage();
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(path).href);
  const close = async () => {
    await context.close();
    rmSync(path);
  };
  return { page, complaints, asked, url: pathToFileURL(path).href, close };
}

/** Each screen in one light: neither changes what the other shows. */
const LOOKS = [
  { colorScheme: "light", width: 390 },
  { colorScheme: "dark", width: 1280 },
] as const;

/** A thousand shapes without a word among them take it ten seconds. */
const WORDLESS = ".lane > svg:not(.axis, .faults)";

async function findBarriers(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const { colorScheme, width } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    const violations = await findViolations(page, [WORDLESS]);
    found.push(...violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`));
    const needs = await page.evaluate(() => document.documentElement.scrollWidth);
    if (needs > width) found.push(`${needs} wide on ${width}`);
  }
  return found;
}

test("the page asks for nothing, complains of nothing and bars nobody's way", async () => {
  const { page, complaints, asked, url, close } = await openReport(report);
  await page.locator("summary").click();
  expect(await findBarriers(page)).toEqual([]);
  expect(complaints).toEqual([]);
  expect(asked).toEqual([url]);
  await close();
}, 60_000);

test("the page has the results first, then what is to be seen of the one that broke", async () => {
  const { page, close } = await openReport(report);
  const rows = page.locator(".results tbody tr");
  expect(await rows.count()).toBe(2);
  expect(await rows.nth(1).innerText()).toContain(AS_TEXT.slice(0, 20));
  expect(await page.locator("img").count()).toBe(0);
  const about = await page.locator("article dl").innerText();
  expect(about).toContain(AS_TEXT);
  expect(about).toContain("sim run photo --engine node --seed 2 --plan");
  expect(await page.locator("article").count()).toBe(1);
  await rows.nth(1).locator("a").click();
  expect(await page.locator("article:target h2").innerText()).toContain("seed 2");
  await close();
});

test("the lanes and the tables say the same of the faults, the session and the upload", async () => {
  const { page, close } = await openReport(report);
  const lane = (name: string) =>
    page.locator(".lane").filter({ has: page.getByText(name, { exact: true }) });
  const titles = (name: string) => lane(name).locator("title").allTextContents();
  await page.locator("summary").click();
  const rows = (name: string) =>
    page.getByRole("table", { name, exact: true }).locator("tbody tr").allInnerTexts();

  expect(await lane("Faults").locator("text").allTextContents()).toEqual([
    "wifi away",
    "relay drop (all)",
    "http status (all)",
  ]);
  expect((await titles("Faults"))[2]).toBe(
    "http status (share 0.5, status 503), all, 0:28:20.000 to 0:30:00.000",
  );
  expect(await rows("Faults")).toHaveLength(3);
  expect(await lane("Camera").locator(".fault").count()).toBe(3);
  // Of no width it would not be painted.
  expect(await page.locator("rect[width='0']").count()).toBe(0);
  expect(await titles("Session")).toHaveLength((await rows("Session")).length);
  expect((await rows("Session")).length).toBeGreaterThan(2);
  expect((await titles("Uploads")).some((title) => /PUT .* 3014 bytes: 200/.test(title))).toBe(
    true,
  );
  expect((await rows("HTTP")).some((row) => /PUT .*\t3014\t200/.test(row))).toBe(true);
  expect(await titles("Events")).toContain("0:05:00.000 visit");
  expect(await lane("Time").locator("text:visible").first().textContent()).toBe("0:00");
  await close();
});

test("zoomed, the lanes are wider and the axis is finer", async () => {
  const { page, close } = await openReport(report);
  await page.setViewportSize({ width: 1280, height: 900 });
  const look = async () => ({
    width: (await page.locator(".lane svg").nth(2).boundingBox())?.width ?? 0,
    ticks: await page.locator(".axis text:visible").count(),
  });
  const before = await look();
  await page.getByRole("radio", { name: "16×" }).check();
  const after = await look();
  expect(after.width / before.width).toBeCloseTo(16, 0);
  expect(after.ticks).toBeGreaterThan(5 * before.ticks);
  await close();
});

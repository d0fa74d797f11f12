import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type RunResult, replayCommand } from "../run/run-scenario.ts";
import { boardSection } from "./board-section.ts";
import { Markup, markup } from "./markup.ts";
import type { RunPicture, RunReport } from "./run-report.ts";
import { table } from "./tables.ts";
import { durationText } from "./time-axis.ts";

const STYLES = ["style.css", "lanes.css"];
/** Colours of the lanes, by the class of what has them. */
const LEGEND = [
  ["off", "off"],
  ["booting", "boots"],
  ["running", "runs"],
  ["safe-mode", "safe mode"],
  ["asleep", "sleeps"],
  ["joining", "joins Wi-Fi"],
  ["associated", "is on Wi-Fi"],
  ["idle", "camera idle"],
  ["still", "still or clip"],
  ["transfer", "over the link"],
  ["upload", "camera uploads"],
  ["answered", "answered"],
  ["refused", "error status"],
  ["unanswered", "no answer"],
  ["fault", "fault"],
] as const;

/** One page of its own: no request leaves it, and nothing in it runs. */
export function htmlReport({ results, pictures }: RunReport): string {
  const style = STYLES.map(readStyle).join("");
  const styleHash = createHash("sha256").update(style).digest("base64");
  const failures = results.filter(({ ok }) => !ok).length;
  const held = results.length - failures;
  const title = `${held} of ${results.length} ${results.length === 1 ? "run" : "runs"} held`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${styleHash}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>SkyFeeder simulator: ${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header><h1>SkyFeeder simulator</h1><p>${title}</p></header>
<main>
${results.length > 1 ? resultTable(results, pictures) : ""}${pictures.map(runArticle)}</main>
</body>
</html>
`.text;
}

function readStyle(file: string): string {
  return readFileSync(join(import.meta.dirname, file), "utf8");
}

function resultTable(results: readonly RunResult[], pictures: readonly RunPicture[]): Markup {
  const pictured = new Set(pictures.map(({ result }) => result));
  const rows = results.map((result) => {
    const { scenario, engine, seed, virtualSeconds, wallMs, traceHash, broken = "" } = result;
    const name = pictured.has(result)
      ? markup`<a href="#${runId(result)}">${scenario}</a>`
      : markup`${scenario}`;
    return [
      verdict(result),
      name,
      engine,
      seed,
      durationText(virtualSeconds * 1000),
      durationText(wallMs),
      traceHash.slice(0, 12),
      broken,
    ];
  });
  const heads = ["verdict", "scenario", "engine", "seed", "virtual", "took", "trace", "broken"];
  return markup`<section class="results">${table("Results", heads, rows)}</section>
`;
}

function runArticle({ result, plan, given, traceHash, timeline }: RunPicture): Markup {
  const { scenario, engine, seed, broken, virtualSeconds, told } = result;
  const id = runId(result);
  const facts = [
    ["Broken", broken ?? "nothing"],
    ["Faults", plan.length === 0 ? "none" : String(plan.length)],
    ["Length", `${durationText(virtualSeconds * 1000)} of virtual time`],
    ["Trace", traceHash],
  ].map(([name = "", value = ""]) => markup`<dt>${name}</dt><dd>${value}</dd>`);
  const lines = told.map((line) => markup`<li>${line}</li>`);
  return markup`<article id="${id}">
<h2>${verdict(result)} ${scenario}, engine ${engine}, seed ${seed}</h2>
<dl>${facts}<dt>Again</dt><dd><code>${replayCommand(result, given)}</code></dd></dl>
${lines.length === 0 ? "" : markup`<ul class="told">${lines}</ul>`}<ul class="legend">${LEGEND.map(
    ([kind, name]) =>
      markup`<li><svg width="12" height="12" aria-hidden="true"><rect class="${kind}" width="12" height="12"/></svg>${name}</li>`,
  )}</ul>
${timeline.boards.map((board) => boardSection(board, timeline, `${id}-${board.deviceId}`))}</article>
`;
}

function verdict({ ok }: RunResult): Markup {
  return ok ? markup`<b class="holds">holds</b>` : markup`<b class="broken">broken</b>`;
}

/** As an anchor within the page. */
function runId({ scenario, engine, seed }: RunResult): string {
  return `${scenario.replaceAll(/[^\w-]/g, "-")}-${engine}-${seed}`;
}

import { createHash } from "node:crypto";
import { PILOT_STYLE } from "./page-style.ts";
import { nameOf } from "./pilot.ts";
import { heardShare, type PilotReport, TARGETS, uploadShare, WHAT_IT_IS } from "./pilot-report.ts";
import { COLUMNS, faultLine, headline, latencyLine, percent } from "./pilot-text.ts";

const BAR_UNITS = 100;

/** The summary as one page that needs nothing else: no network, no script. */
export function pilotPage(report: PilotReport): string {
  const styleHash = createHash("sha256").update(PILOT_STYLE).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Simulated pilot</title>
<style>${PILOT_STYLE}</style>
</head>
<body>
<main>
${header(report)}
<p class="note">${escaped(WHAT_IT_IS)}</p>
${targets(report)}
${feederTable(report)}
${latencies(report)}
<h2>What went wrong on purpose</h2>
<p>${escaped(faultLine(report))}.</p>
${footer(report)}
</main>
</body>
</html>
`;
}

function header(report: PilotReport): string {
  const isMet = report.missed.length === 0;
  const verdict = isMet ? "Every target is met" : `${report.missed.length} targets are missed`;
  const deviceDays = report.feeders.length * report.days;
  return `<h1>Simulated pilot</h1>
<p>${escaped(headline(report).replace("Simulated pilot: ", ""))}</p>
<p class="verdict ${isMet ? "met" : "missed"}"><strong>${verdict}</strong>
<span>${deviceDays} device-days in ${Math.round(report.wallMs / 1000)} s</span></p>`;
}

function targets({ feeders, missed }: PilotReport): string {
  const sum = (of: (row: PilotReport["feeders"][number]) => number): number =>
    feeders.reduce((total, row) => total + of(row), 0);
  const least = (of: (row: PilotReport["feeders"][number]) => number): string =>
    percent(Math.min(...feeders.map(of)));
  const met = (name: string): string => {
    const misses = missed.filter(({ target }) => target === name).length;
    return `${feeders.length - misses} of ${feeders.length}`;
  };
  const measured: Record<(typeof TARGETS)[number]["name"], string> = {
    heartbeat: least(heardShare),
    upload: least(uploadShare),
    kept: `${sum(({ stills }) => stills.kept)} of ${sum(({ stills }) => stills.acknowledged)}`,
    interventions: String(sum(({ interventions }) => interventions.length)),
    update: met("update"),
    settings: met("settings"),
  };
  const cards = TARGETS.map(({ name, wanted }) => {
    const misses = missed.filter(({ target }) => target === name);
    const why = misses.map(({ where, what }) => `<p>${escaped(`${where}: ${what}`)}</p>`).join("");
    const state = misses.length === 0 ? "met" : "missed";
    return `<li class="${state}"><h3>${name} <span>${state}</span></h3>
<p class="value">${escaped(measured[name])}</p><p>${escaped(wanted)}</p>${why}</li>`;
  });
  return `<h2>Targets</h2>
<p>Shares are those of the worst feeder.</p>
<ul class="targets">${cards.join("\n")}</ul>`;
}

function feederTable({ feeders }: PilotReport): string {
  const titles = COLUMNS.map(({ title }) => `<th scope="col">${escaped(title)}</th>`).join("");
  const rows = feeders.map((row) => {
    const [name = "", ...cells] = COLUMNS.map(({ of }) => escaped(of(row)));
    const rest = cells.map((cell) => `<td>${cell}</td>`).join("");
    return `<tr><th scope="row">${name}</th>${rest}</tr>`;
  });
  return `<h2>Feeders</h2>
<div class="wide" tabindex="0" role="region" aria-label="Feeders">
<table><thead><tr>${titles}</tr></thead>
<tbody>${rows.join("\n")}</tbody></table>
</div>
<p class="small">Heard: minutes with a heartbeat; replayed: with those that came later. Stills: in the gallery, of those the
feeder got. Kept: of the acknowledged. By hand: what only a person could have mended. Rejoined: the relay. Late, twice:
events. mAh a day of both boards, a visit of the camera.</p>`;
}

function latencies(report: PilotReport): string {
  const { buckets, count } = report.latency;
  const rows = buckets.map(({ upTo, count: inside }) => {
    const width = (BAR_UNITS * inside) / Math.max(1, count);
    const box = `viewBox="0 0 ${BAR_UNITS} 4" preserveAspectRatio="none" aria-hidden="true"`;
    const bar = `<svg ${box}><rect width="${width.toFixed(2)}" height="4"/></svg>`;
    const label = upTo === "longer" ? upTo : `up to ${upTo}`;
    return `<tr><th scope="row">${label}</th><td class="bar">${bar}</td><td>${inside}</td></tr>`;
  });
  return `<h2>From a visit to its photo in the gallery</h2>
<p>${escaped(latencyLine(report))}.</p>
<table class="bars"><tbody>${rows.join("\n")}</tbody></table>`;
}

function footer({ feeders, days, visitsADay, seed, traceHash, events }: PilotReport): string {
  const name = nameOf({ devices: feeders.length, days, visitsADay, seed });
  return `<h2>See it again</h2>
<p><code>npm run -s skyfeeder -- sim pilot ${escaped(name)}</code></p>
<p class="small">The same sources leave the same trace: <code>${traceHash}</code>, ${events} events.</p>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

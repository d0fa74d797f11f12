import { faultsText, type RunResult, replayCommand } from "../run/run-scenario.ts";
import { type Markup, markup } from "./markup.ts";
import type { RunReport } from "./run-report.ts";

/** A suite for each scenario, a case for each run: the XML of the xUnit plugin's junit-10.xsd, the strictest reader. */
export function junitReport({ results }: Pick<RunReport, "results">): string {
  const scenarios = [...new Set(results.map(({ scenario }) => scenario))];
  const suites = scenarios.map((name) =>
    suite(
      name,
      results.filter(({ scenario }) => scenario === name),
    ),
  );
  return markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${counts(results)}>
${suites}</testsuites>
`.text;
}

function suite(name: string, results: readonly RunResult[]): Markup {
  return markup`<testsuite name="${name}" ${counts(results)} skipped="0">
${results.map(testcase)}</testsuite>
`;
}

function counts(results: readonly RunResult[]): Markup {
  const failures = results.filter(({ ok }) => !ok).length;
  const wallMs = results.reduce((total, result) => total + result.wallMs, 0);
  return markup`tests="${results.length}" failures="${failures}" errors="0" time="${seconds(wallMs)}"`;
}

function testcase(result: RunResult): Markup {
  const { scenario, engine, seed, ok, wallMs, traceHash, virtualSeconds } = result;
  const failure = ok ? markup`` : failureOf(result);
  return markup`<testcase classname="${scenario}" name="engine ${engine} seed ${seed}" time="${seconds(wallMs)}">
${failure}<system-out>trace ${traceHash}, ${virtualSeconds} s of virtual time</system-out>
</testcase>
`;
}

function failureOf(result: RunResult): Markup {
  const { broken = "", plan } = result;
  return markup`<failure type="invariant" message="${broken}">${broken}
${faultsText(result)}
again: ${replayCommand(result, plan)}</failure>
`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

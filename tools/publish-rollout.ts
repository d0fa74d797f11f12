/**
 * What a release workflow does behind its build: publishes the image, asks the server to roll it out, and says in Markdown
 * what came of it.
 *
 *   OTA_SERVICE_URL=https://feeders.example OTA_API_KEY=skf_... \
 *     node tools/publish-rollout.ts releases/firmware-1.4.0.bin --strategy canary-10 [--board feeder] [--devices a,b]
 *       [--notes TEXT] [--summary FILE]
 *
 * A strategy is a channel as well, so that a server without rollouts never offers a trial to everybody: test is alpha,
 * canary-10, canary-25 and canary-50 are beta, full is stable.
 *
 * Exit codes: 0 published, 1 refused or failed, 2 usage, 3 no server or key was given.
 */
import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { EXIT, reportFailure } from "../cli/failure.ts";
import { publishRelease } from "../cli/firmware/publish.ts";
import { done, type Failed, failed, type Outcome } from "../cli/outcome.ts";
import { callServer, parseServer, type Target } from "../cli/server/call.ts";
import { bearer } from "../cli/server/target.ts";

const CHANNELS = {
  test: "alpha",
  "canary-10": "beta",
  "canary-25": "beta",
  "canary-50": "beta",
  full: "stable",
} as const;

type Strategy = keyof typeof CHANNELS;

interface Wanted {
  readonly file: string;
  readonly strategy: Strategy;
  readonly board: string;
  readonly devices: readonly string[];
  readonly notes: string;
  readonly summary: string | undefined;
}

const USAGE =
  "publish-rollout.ts IMAGE --strategy test|canary-10|canary-25|canary-50|full [--devices a,b]";

function readArguments(args: readonly string[]): Outcome<Wanted> {
  const text = { type: "string" } as const;
  const options = { strategy: text, board: text, devices: text, notes: text, summary: text };
  const { values, positionals } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
  });
  const { strategy, board, devices, notes, summary } = values as Record<string, string | undefined>;
  const [file] = positionals;
  if (file === undefined || strategy === undefined || !Object.hasOwn(CHANNELS, strategy)) {
    return failed("usage", "an image and a strategy are wanted", USAGE, EXIT.usage);
  }
  const named = (devices ?? "").split(",").map((name) => name.trim());
  const wanted = { file, strategy: strategy as Strategy, board: board || "feeder", summary };
  return done({ ...wanted, devices: named.filter((name) => name !== ""), notes: notes ?? "" });
}

function readTarget(environment: NodeJS.ProcessEnv): Outcome<Target> {
  const { OTA_SERVICE_URL: url, OTA_API_KEY: key } = environment;
  if (!url || !key) {
    const hint = "set both as secrets of the repository: docs/secrets.md";
    const message = "OTA_SERVICE_URL and OTA_API_KEY say which server, and who asks";
    return failed("server_not_named", message, hint, EXIT.missing);
  }
  const base = parseServer(url);
  return base.kind === "failed" ? base : done({ base: base.value, credentials: bearer(key) });
}

/** What was asked for behind the release; `undefined`: this server has no rollouts yet. */
async function askRollout(
  target: Target,
  wanted: Wanted,
  version: unknown,
): Promise<Outcome<unknown>> {
  const { strategy, board, devices, notes } = wanted;
  const body = { version, channel: CHANNELS[strategy], strategy, board, devices, notes };
  const answer = await callServer(target, { method: "POST", path: "v1/rollouts", body });
  if (answer.kind === "done") return done(answer.value.body.id ?? "accepted");
  return answer.failure.exitCode === EXIT.notFound ? done(undefined) : answer;
}

/** Without rollouts, each feeder that was named is told by itself. */
async function tellDevices(target: Target, wanted: Wanted, version: unknown): Promise<string[]> {
  const lines: string[] = [];
  for (const deviceId of wanted.devices) {
    const body = { deviceId, action: "update", version };
    const answer = await callServer(target, { method: "POST", path: "v1/ota/command", body });
    const outcome = answer.kind === "done" ? "told to update" : answer.failure.message;
    lines.push(`| ${cell(deviceId)} | ${cell(outcome)} |`);
  }
  return lines;
}

async function release(wanted: Wanted, target: Target): Promise<Outcome<string>> {
  const { file, strategy, board, notes } = wanted;
  const channel = CHANNELS[strategy];
  const published = await publishRelease(target, { file, channel, board, notes });
  if (published.kind === "failed") return published;
  const { version, sequence, sha256, isNew } = published.value;
  const rollout = await askRollout(target, wanted, version);
  if (rollout.kind === "failed") return rollout;
  const hasRollouts = rollout.value !== undefined;
  const told = hasRollouts ? [] : await tellDevices(target, wanted, version);
  const lines = [
    `## Firmware ${cell(version)}`,
    "",
    `${isNew ? "Published" : "Was published before"} for \`${cell(board)}\`, channel \`${channel}\`, sequence ${sequence}.`,
    "",
    `SHA-256 \`${sha256}\``,
    "",
    hasRollouts
      ? `Rollout ${cell(rollout.value)}, strategy \`${strategy}\`.`
      : `This server has no rollouts yet: every feeder that follows \`${channel}\` is offered this release. Strategy \`${strategy}\` came to that channel.`,
    ...(told.length > 0 ? ["", "| feeder | |", "|---|---|", ...told] : []),
  ];
  return done(`${lines.join("\n")}\n`);
}

/** What others wrote stays within its place of the Markdown. */
function cell(text: unknown): string {
  return String(text).replace(/[^\w .:,()-]/g, " ");
}

async function main(args: readonly string[]): Promise<Failed | undefined> {
  const wanted = readArguments(args);
  if (wanted.kind === "failed") return wanted;
  const target = readTarget(process.env);
  if (target.kind === "failed") return target;
  const outcome = await release(wanted.value, target.value);
  if (outcome.kind === "failed") return outcome;
  process.stdout.write(outcome.value);
  if (wanted.value.summary) appendFileSync(wanted.value.summary, outcome.value);
  return undefined;
}

const refusal = await main(process.argv.slice(2));
if (refusal !== undefined) reportFailure(refusal.failure, false);

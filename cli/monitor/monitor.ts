import { REMOTE_LOG_LEVELS } from "../../protocol/log-messages.ts";
import { EXIT, reportFailure } from "../failure.ts";
import { done, type Failed, failed, type Outcome } from "../outcome.ts";
import { choosePort } from "../serial/choose-port.ts";
import { findTarget } from "../server/target.ts";
import { type ElfFile, readElf } from "./elf-file.ts";
import { FollowedBoard } from "./follow-board.ts";
import { FollowedFeeder } from "./follow-feeder.ts";
import { watchKeys } from "./keyboard.ts";
import { LogFile } from "./log-file.ts";
import { findConflict, type MonitorOptions } from "./monitor-options.ts";
import { MonitorOutput } from "./monitor-output.ts";

export async function runMonitor(
  options: MonitorOptions,
  isGiven: (option: string) => boolean,
): Promise<void> {
  const outcome = findConflict(options, isGiven) ?? (await monitor(options));
  if (outcome.kind === "failed") reportFailure(outcome.failure, options.json === true);
}

async function monitor(options: MonitorOptions): Promise<Outcome<void>> {
  const elf = options.elf === undefined ? done(undefined) : await readElf(options.elf);
  if (elf.kind === "failed") return elf;
  const log = options.log === undefined ? done(undefined) : await LogFile.open(options.log);
  if (log.kind === "failed") return log;
  const outcome = await follow(options, elf.value, log.value);
  await log.value?.close();
  return outcome;
}

async function follow(
  options: MonitorOptions,
  elf: ElfFile | undefined,
  log: LogFile | undefined,
): Promise<Outcome<void>> {
  const quit = Promise.withResolvers<Outcome<void>>();
  const output = new MonitorOutput({
    filter: { level: options.level, tags: options.tag, pattern: options.grep },
    asJson: options.json === true,
    log,
    tooSlow: () => quit.resolve(tooSlow()),
  });
  if (log !== undefined) log.lost = (why) => output.say(why);
  const chosen = await choose(options, elf, output);
  if (chosen.kind === "failed") return chosen;
  const followed = chosen.value;
  const leave = () => quit.resolve(done(undefined));
  const release = [
    watchEnd(leave),
    watchKeys((wish) => (wish === "quit" ? leave() : void followed.reset())),
  ];
  const outcome = await Promise.race([followed.run(), quit.promise]);
  await followed.close();
  for (const undo of release) undo();
  return outcome;
}

async function choose(
  { port, device, baud, frames, ...options }: MonitorOptions,
  elf: ElfFile | undefined,
  output: MonitorOutput,
): Promise<Outcome<FollowedBoard | FollowedFeeder>> {
  if (device === undefined) {
    const path = await choosePort(port);
    if (path.kind === "failed") return path;
    const isFrames = frames === true;
    return done(new FollowedBoard({ path: path.value, baud, isFrames, elf }, output));
  }
  const target = await findTarget(options);
  if (target.kind === "failed") return target;
  // The most that a feeder sends; what it calls debug and verbose stays on its serial port.
  const { level = "info" } = options;
  const wanted = REMOTE_LOG_LEVELS.find((known) => known === level) ?? "info";
  return done(new FollowedFeeder(target.value, device, wanted, output));
}

/** Ctrl-C where no key is read, a supervisor, and the end of whoever reads the output. */
function watchEnd(leave: () => void): () => void {
  process.on("SIGINT", leave).on("SIGTERM", leave);
  process.stdout.on("error", leave);
  return () => {
    process.off("SIGINT", leave).off("SIGTERM", leave);
  };
}

function tooSlow(): Failed {
  const hint = "leave out a repetition within a repetition, such as (a+)+";
  return failed("grep_too_slow", "--grep takes too long for a line", hint, EXIT.usage);
}

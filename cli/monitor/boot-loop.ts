import { BROWNOUT, DEEP_SLEEP, type Reset, WATCHDOGS } from "./reset-text.ts";

/** So many starts within that time are a loop; a person who presses a button is slower. */
const LOOP_RESETS = 4;
const LOOP_WITHIN_MS = 60_000;

/** Why a board starts again and again, and what helps. */
const CAUSES = {
  empty: ["its flash holds no bootloader", "flash a whole image: skyfeeder flash --image FILE"],
  noApp: ["no application in its flash boots", "flash a whole image: skyfeeder flash --image FILE"],
  brownout: ["its supply breaks down", "a supply of 1 A or more, a shorter cable, no USB hub"],
  panic: ["the firmware ends in a panic", "decode its backtrace: --elf FILE, from the same build"],
  abort: ["the firmware's JavaScript aborts", "look at the line before each reset"],
  watchdog: [
    "the firmware hangs until a watchdog bites",
    "look at the last line before each reset",
  ],
  unknown: ["nothing was printed that says why", "look at the last line before each reset"],
} as const;
type Cause = keyof typeof CAUSES;

export interface BootLoopState {
  /** When the board started, the newest last. */
  readonly startsMs: readonly number[];
  readonly cause: Cause;
  readonly isTold: boolean;
}

export const NO_STARTS: BootLoopState = { startsMs: [], cause: "unknown", isTold: false };

const SIGNS: readonly (readonly [sign: RegExp, cause: Cause])[] = [
  [/^(invalid header: 0x|flash read err)/, "empty"],
  [/boot: (No bootable app|Failed to verify partition table|load partition table error)/, "noApp"],
  [/Brownout detector was triggered/, "brownout"],
  [/^(Guru Meditation Error|abort\(\) was called|assert failed|\*{3}ERROR\*{3})/, "panic"],
  [/^XS abort: /, "abort"],
  [/Task watchdog got triggered/, "watchdog"],
];

export function noticeLine(state: BootLoopState, line: string): BootLoopState {
  const cause = SIGNS.find(([sign]) => sign.test(line))?.[1];
  return cause === undefined || cause === state.cause ? state : { ...state, cause };
}

/** The new state, and what is to be said, once a loop. */
export function noticeReset(
  state: BootLoopState,
  { code, isDownload }: Reset,
  atMs: number,
): readonly [BootLoopState, string | undefined] {
  if (code === DEEP_SLEEP || isDownload) return [NO_STARTS, undefined];
  const recent = state.startsMs.filter((startMs) => atMs - startMs <= LOOP_WITHIN_MS);
  const startsMs = [...recent, atMs].slice(-LOOP_RESETS);
  const isLoop = startsMs.length === LOOP_RESETS;
  const cause = recent.length === 0 ? causeOf(code, "unknown") : causeOf(code, state.cause);
  const told = { startsMs, cause, isTold: isLoop };
  if (!isLoop || state.isTold) return [told, undefined];
  const [why, next] = CAUSES[cause];
  const seconds = Math.max(1, Math.round((atMs - (startsMs[0] ?? atMs)) / 1000));
  const text = `boot loop: ${LOOP_RESETS} starts in ${seconds} s; ${why}. Try: ${next}`;
  return [told, text];
}

function causeOf(code: number, seen: Cause): Cause {
  if (code === BROWNOUT) return "brownout";
  return seen === "unknown" && WATCHDOGS.includes(code) ? "watchdog" : seen;
}

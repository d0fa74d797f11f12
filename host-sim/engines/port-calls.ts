/** What both ends of an engine in another process agree upon. No Node here. */
import type { PortValue } from "./guest-port.ts";

/** Calls that the engine itself answers; those of the board are numbered behind them. */
export const ENGINE_CALLS = ["engine.wall_clock", "engine.random", "engine.rejected"] as const;

/** In place of a number: the name follows. The board refuses those it has not. */
export const BY_NAME = 255;

/** How a call ended. */
export const ANSWERED = 0;
export const THREW = 1;

interface FilledArgument {
  readonly argument: number;
  /** How many of its bytes the call has filled. */
  readonly filled: (answer: PortValue, lengthBytes: number) => number;
}

const whole = (_answer: PortValue, lengthBytes: number): number => lengthBytes;

/** The calls that fill bytes of the firmware: these go one way only, back. */
const FILLED: Readonly<Record<string, FilledArgument>> = {
  "flash.read": { argument: 2, filled: whole },
  "camera_wire.receive": { argument: 0, filled: (answer) => Number(answer) },
  "board.station_mac": { argument: 0, filled: whole },
  "rtc_memory.read": { argument: 0, filled: whole },
  "app_slot.description": {
    argument: 1,
    filled: (answer, lengthBytes) => (answer === 1 ? lengthBytes : 0),
  },
};

export function filledArgument(operation: string): FilledArgument | undefined {
  return FILLED[operation];
}

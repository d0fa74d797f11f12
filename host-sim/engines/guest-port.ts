import type { FirmwareDeath } from "./firmware-death.ts";

/** What crosses between a board and the firmware that runs on it: plain values and bytes, never objects. */
export type PortValue = string | number | boolean | null | undefined | Uint8Array;

/** The firmware calls the board. A call records what is wanted or answers at once; it never calls back. */
export type BoardCall = (operation: string, args: readonly PortValue[]) => PortValue;

/** The board tells the firmware, once an event: `target` is the number under which the firmware listens. */
export type GuestDispatch = (target: number, event: string, args: readonly PortValue[]) => void;

export interface RunningFirmware {
  readonly dispatch: GuestDispatch;
  /** The board has no power any more, or starts anew: nothing of the firmware runs from here on. */
  readonly end: () => void;
}

/** What an engine needs of the board whose firmware it runs. */
export interface EngineHost {
  /** The names of all calls that the board has. */
  readonly operations: readonly string[];
  readonly call: BoardCall;
  readonly wallClockMs: () => number;
  readonly random: () => number;
  /** The firmware died outside the dispatch and the start, which throw the death themselves. */
  readonly died: (death: FirmwareDeath) => void;
}

/** How a board executes its image: runs it once, and returns when it waits for events. */
export type Engine = (javascript: string, host: EngineHost) => RunningFirmware;

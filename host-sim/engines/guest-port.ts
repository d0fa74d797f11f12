/** What crosses between a board and the firmware that runs on it: plain values and bytes, never objects. */
export type PortValue = string | number | boolean | null | undefined | Uint8Array;

/** The firmware calls the board. A call records what is wanted or answers at once; it never calls back. */
export type BoardCall = (operation: string, args: readonly PortValue[]) => PortValue;

/** The board tells the firmware, once an event: `target` is the number under which the firmware listens. */
export type GuestDispatch = (target: number, event: string, args: readonly PortValue[]) => void;

export interface RunningFirmware {
  readonly dispatch: GuestDispatch;
}

/** How a board executes its image. */
export type Engine = (
  javascript: string,
  board: {
    readonly call: BoardCall;
    readonly wallClockMs: () => number;
    readonly random: () => number;
  },
) => RunningFirmware;

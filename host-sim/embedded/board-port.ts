/** The firmware's end of the port to its simulated board. It runs inside the board: no Node here. */
import type { BoardCall, GuestDispatch, PortValue } from "../engines/guest-port.ts";

type Listener = (event: string, args: readonly PortValue[]) => void;

declare const __board: { call: BoardCall; listen(begin: () => GuestDispatch): void };

const board = __board;
Reflect.deleteProperty(globalThis, "__board");

/** Of one run of the firmware: an engine may keep these modules for the next, and for other boards. */
interface Run {
  readonly listeners: Map<number, Listener>;
  nextTarget: number;
}

let running: Run;

board.listen(() => {
  const run: Run = { listeners: new Map(), nextTarget: 1 };
  running = run;
  return (target, event, args) => {
    running = run;
    run.listeners.get(target)?.(event, args.map(own));
  };
});

// A global of Moddable, not a module: it must be there before the firmware's own modules run.
Reflect.set(globalThis, "trace", (...texts: string[]) => board.call("trace", [texts.join("")]));

/** Bytes become an array of this realm, if they are not: the firmware never holds an object of another. */
function own(value: PortValue): PortValue {
  return ArrayBuffer.isView(value) && !isOwn(value) ? new Uint8Array(value) : value;
}

function isOwn(value: PortValue): value is Uint8Array<ArrayBuffer> {
  return value instanceof Uint8Array;
}

export function callBoard(operation: string, ...args: PortValue[]): PortValue {
  return own(board.call(operation, args));
}

export function callForNumber(operation: string, ...args: PortValue[]): number {
  const answer = board.call(operation, args);
  if (typeof answer !== "number") throw new Error(`${operation} answered no number`);
  return answer;
}

/** Where the board's events for one object arrive; the number names it in calls. */
export function listen(listener: Listener): number {
  const target = running.nextTarget++;
  running.listeners.set(target, listener);
  return target;
}

export function unlisten(target: number): void {
  running.listeners.delete(target);
}

export function asBytes(value: PortValue): Uint8Array<ArrayBuffer> {
  const bytes = own(value);
  return isOwn(bytes) ? bytes : new Uint8Array(0);
}

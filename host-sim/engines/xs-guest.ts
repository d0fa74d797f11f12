/** What runs in XS before any firmware: the port to the board, and the machine as a board's is. No Node here. */
import type { GuestDispatch, PortValue } from "./guest-port.ts";
import { PortReader, PortWriter } from "./port-bytes.ts";
import { ANSWERED, BY_NAME, ENGINE_CALLS, filledArgument } from "./port-calls.ts";
import xsGlobals from "./xs-globals.json" with { type: "json" };

/** Of xsnap-worker: asks the host, and waits for its answer. */
declare function issueCommand(message: ArrayBuffer): ArrayBuffer;
/** Both from realm-source.ts. */
declare function rewire(
  wallClockMs: () => number,
  random: () => number,
  symbols: Set<string>,
): void;
declare function hiddenBuiltIns(): object;
/** Of the board; the host puts them before this text. */
declare const boardOperations: readonly string[];

const ask = issueCommand;
const writer = new PortWriter();
const reader = new PortReader();
const numbers = new Map([...ENGINE_CALLS, ...boardOperations].map((name, at) => [name, at]));
let dispatch: GuestDispatch = () => {};
let firmware: (() => void) | undefined;

// Loops and not callbacks, one reader for all: what a call leaves behind is garbage in a small heap.
function call(operation: string, args: readonly PortValue[]): PortValue {
  const number = numbers.get(operation);
  const filled = filledArgument(operation)?.argument;
  writer.begin();
  writer.byte(number ?? BY_NAME);
  if (number === undefined) writer.value(operation);
  writer.byte(args.length);
  for (let at = 0; at < args.length; at++) {
    const value = args[at];
    writer.value(at === filled && ArrayBuffer.isView(value) ? value.length : value);
  }
  reader.open(new Uint8Array(ask(writer.messageBuffer())));
  const ending = reader.byte();
  const answer = reader.value();
  if (ending !== ANSWERED) throw new Error(String(answer));
  const into = filled === undefined ? undefined : args[filled];
  if (ArrayBuffer.isView(into)) into.set(reader.view());
  return answer;
}

function receive(message: ArrayBuffer): void {
  reader.open(new Uint8Array(message));
  const target = reader.value();
  const event = reader.value();
  const args: PortValue[] = [];
  for (let left = reader.byte(); left > 0; left--) args.push(reader.value());
  dispatch(Number(target), String(event), args);
}

/** The first command starts the firmware, each further one is an event. */
function handleCommand(message: ArrayBuffer): void {
  if (firmware === undefined) return receive(message);
  const start = firmware;
  firmware = undefined;
  start();
}

// XS looks for it when a rejection is left over at the end of a command.
const console = { error: (_what: string, why: unknown) => call("engine.rejected", [String(why)]) };

function freezeBuiltIns(): void {
  const roots = Object.setPrototypeOf(hiddenBuiltIns(), globalThis);
  for (const path of Object.keys(xsGlobals.members)) {
    const builtIn = path
      .split(".")
      .reduce(
        (at: unknown, name) => (Object(at) === at ? Reflect.get(Object(at), name) : at),
        roots,
      );
    Object.freeze(builtIn);
  }
}

function removeGlobals(): void {
  const board = new Set(xsGlobals.globals);
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!board.has(name)) Reflect.deleteProperty(globalThis, name);
  }
}

rewire(
  () => Number(call("engine.wall_clock", [])),
  () => Number(call("engine.random", [])),
  new Set(xsGlobals.members.Symbol),
);
freezeBuiltIns();
removeGlobals();

const board = {
  call,
  listen(begin: () => GuestDispatch): void {
    dispatch = begin();
  },
  main: (run: () => void): void => run(),
};
Object.defineProperty(globalThis, "__board", { value: board, configurable: true });
// The worker looks these two up by name; the firmware is compiled where its parameters hide them.
Object.defineProperty(globalThis, "handleCommand", { value: handleCommand });
Object.defineProperty(globalThis, "console", { value: console });
Object.defineProperty(globalThis, "install", {
  configurable: true,
  value: (start: () => void) => {
    Reflect.deleteProperty(globalThis, "install");
    firmware = start;
  },
});

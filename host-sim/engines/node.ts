import vm from "node:vm";
import { withSourceMap } from "../source-map.ts";
import { FirmwareDeath } from "./firmware-death.ts";
import type { Engine, EngineHost, GuestDispatch, PortValue } from "./guest-port.ts";
import { createRealm } from "./realm.ts";

/** Each is some megabytes; a story has two images, a test that plants bugs one more for each. */
const KEPT_MAX = 8;

/** Those whose firmware can start again: V8 has warmed up to its code, which took longer than what the code does. */
const kept = new Map<string, Machine>();
/** Boards of one image share its compiled script. */
const scripts = new Map<string, vm.Script>();

function compiled(javascript: string): vm.Script {
  const known = scripts.get(javascript);
  if (known !== undefined) return known;
  const script = new vm.Script(withSourceMap(javascript), { filename: "firmware.js" });
  scripts.set(javascript, script);
  return script;
}

/** Boards of an image that was given up load it anew. */
function keep(javascript: string, machine: Machine): void {
  const [oldest] = kept.keys();
  if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  kept.set(javascript, machine);
}

/** Whose a rejected promise is: a realm's promises have a prototype of their own. */
const machines = new WeakMap<object, Machine>();
let isListening = false;

function listenForRejections(): void {
  if (isListening) return;
  isListening = true;
  process.on("unhandledRejection", (reason, promise) => {
    const machine = machines.get(Object.getPrototypeOf(promise));
    // Not of any firmware: it ends the process, as without this listener.
    if (machine === undefined) throw reason;
    machine.host.died(new FirmwareDeath("unhandled", String(reason)));
  });
}

/** A V8 context with the modules of one image. Boards may share it: one event is over before the next begins. */
class Machine {
  /** Of the board whose firmware runs, or ran last. */
  host: EngineHost;
  dispatch: GuestDispatch = () => {};
  readonly #realm: vm.Context;
  readonly #throwInRealm: (message: string) => never;
  #begin: () => GuestDispatch = () => this.dispatch;
  #main: () => void = () => {};
  #globals: readonly PropertyKey[] = [];

  constructor(host: EngineHost) {
    this.host = host;
    this.#realm = createRealm({
      wallClockMs: () => this.host.wallClockMs(),
      random: () => this.host.random(),
    });
    this.#throwInRealm = vm.runInContext("(message) => { throw new Error(message); }", this.#realm);
    machines.set(vm.runInContext("Promise.prototype", this.#realm), this);
  }

  /** Evaluates the modules and starts the firmware. */
  load(javascript: string): void {
    const listen = (begin: () => GuestDispatch): void => {
      this.#begin = begin;
      this.dispatch = begin();
    };
    const main = (run: () => void): void => {
      this.#main = run;
      this.#globals = Reflect.ownKeys(this.#realm);
      keep(javascript, this);
      run();
    };
    Reflect.set(this.#realm, "__board", { call: this.#call, listen, main });
    compiled(javascript).runInContext(this.#realm);
  }

  /** As a reset does: all that the run before had is gone, its globals too. */
  restart(host: EngineHost): void {
    this.host = host;
    for (const key of Reflect.ownKeys(this.#realm)) {
      if (!this.#globals.includes(key)) Reflect.deleteProperty(this.#realm, key);
    }
    this.dispatch = this.#begin();
    this.#main();
  }

  readonly #call = (operation: string, args: readonly PortValue[]): PortValue => {
    try {
      return this.host.call(operation, args);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      // The firmware never meets an object of the host: its `instanceof Error` would not know this one.
      return this.#throwInRealm(error.message);
    }
  };
}

/** Runs a bundle in a V8 context that has only what XS has. A busy loop cannot be cut here. */
export const nodeEngine: Engine = (javascript, host) => {
  listenForRejections();
  const known = kept.get(javascript);
  const machine = known ?? new Machine(host);
  if (known === undefined) machine.load(javascript);
  else machine.restart(host);
  let { dispatch } = machine;
  return {
    dispatch: (target, event, args) => {
      machine.host = host;
      dispatch(target, event, args);
    },
    end: () => {
      dispatch = () => {};
    },
  };
};

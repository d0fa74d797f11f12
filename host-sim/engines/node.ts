import vm from "node:vm";
import { withSourceMap } from "../source-map.ts";
import { FirmwareDeath } from "./firmware-death.ts";
import type { BoardCall, Engine, EngineHost, GuestDispatch } from "./guest-port.ts";
import { createRealm } from "./realm.ts";

/** Boards of one image share its compiled script. */
const scripts = new Map<string, vm.Script>();

function compiled(javascript: string): vm.Script {
  const known = scripts.get(javascript);
  if (known !== undefined) return known;
  const script = new vm.Script(withSourceMap(javascript), { filename: "firmware.js" });
  scripts.set(javascript, script);
  return script;
}

/** Whose a rejected promise is: a realm's promises have a prototype of their own. */
const hosts = new WeakMap<object, EngineHost>();
let isListening = false;

function listenForRejections(): void {
  if (isListening) return;
  isListening = true;
  process.on("unhandledRejection", (reason, promise) => {
    const host = hosts.get(Object.getPrototypeOf(promise));
    // Not of any firmware: it ends the process, as without this listener.
    if (host === undefined) throw reason;
    host.died(new FirmwareDeath("unhandled", String(reason)));
  });
}

/** Runs a bundle in a V8 context of its own that has only what XS has. A busy loop cannot be cut here. */
export const nodeEngine: Engine = (javascript, host) => {
  const realm = createRealm(host);
  hosts.set(vm.runInContext("Promise.prototype", realm), host);
  listenForRejections();
  let dispatch: GuestDispatch = () => {};
  const throwInRealm = vm.runInContext("(message) => { throw new Error(message); }", realm);
  const call: BoardCall = (operation, args) => {
    try {
      return host.call(operation, args);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      // The firmware never meets an object of the host: its `instanceof Error` would not know this one.
      return throwInRealm(error.message);
    }
  };
  const listen = (listener: GuestDispatch): void => {
    dispatch = listener;
  };
  Reflect.set(realm, "__board", { call, listen });
  compiled(javascript).runInContext(realm);
  return {
    dispatch: (target, event, args) => dispatch(target, event, args),
    end: () => {
      dispatch = () => {};
    },
  };
};

import vm from "node:vm";

import { HIDDEN_BUILT_INS, REWIRE } from "./realm-source.ts";
import xsGlobals from "./xs-globals.json" with { type: "json" };

export interface RealmHost {
  readonly wallClockMs: () => number;
  readonly random: () => number;
}

/** A V8 context with what XS has and no more, built-ins frozen as Moddable freezes them, on the shared microtask queue. */
export function createRealm(host: RealmHost): vm.Context {
  const realm = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  rewire.runInContext(realm)(host.wallClockMs, host.random, listed.get("Symbol"));
  const roots = { __proto__: realm, ...hidden.runInContext(realm) };
  for (const [path, keys] of listed) {
    const builtIn = lookUp(roots, path);
    if (builtIn === undefined) continue;
    removeUnlisted(builtIn, keys);
    Object.freeze(builtIn);
  }
  removeUnlisted(realm, listedGlobals);
  return realm;
}

const listedGlobals = new Set(xsGlobals.globals);
const listed = new Map(
  Object.entries(xsGlobals.members).map(([path, keys]) => [path, new Set(keys)]),
);
// Not in XS, but without it V8 records no stack traces.
listed.get("Error")?.add("stackTraceLimit");

const rewire = new vm.Script(`(${REWIRE})`);
const hidden = new vm.Script(`(${HIDDEN_BUILT_INS})()`);

function lookUp(roots: object, path: string): object | undefined {
  const value: unknown = path
    .split(".")
    .reduce<unknown>((at, name) => (isObject(at) ? Reflect.get(at, name) : undefined), roots);
  return isObject(value) ? value : undefined;
}

function removeUnlisted(from: object, keys: ReadonlySet<string>): void {
  for (const key of Reflect.ownKeys(from))
    if (!keys.has(nameOf(key))) Reflect.deleteProperty(from, key);
}

/** `Symbol.iterator` is written `@@iterator`, as in the specification. */
function nameOf(key: string | symbol): string {
  return typeof key === "string" ? key : (key.description ?? "").replace(/^Symbol\./, "@@");
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

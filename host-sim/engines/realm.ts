import vm from "node:vm";

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

// Both wrappers live inside the realm, so that the firmware never meets an object of the host. Symbol needs one
// because V8 makes Symbol.dispose and Symbol.asyncDispose undeletable.
const rewire = new vm.Script(`((wallClockMs, hostRandom, listedSymbolKeys) => {
  "use strict";
  const RealDate = Date;
  const RealSymbol = Symbol;
  const { construct } = Reflect;
  const { floor } = Math;
  const visible = { writable: true, enumerable: false, configurable: true };
  const replace = (real, wrapper, members) => {
    Object.defineProperties(wrapper, members);
    Object.defineProperty(real.prototype, "constructor", { ...visible, value: wrapper });
    Object.defineProperty(globalThis, real.name, { ...visible, value: wrapper });
  };

  const { now } = { now() { return floor(wallClockMs()); } };
  replace(RealDate, function (...fields) {
    if (new.target === undefined) return new RealDate(now()).toString();
    return construct(RealDate, fields.length === 0 ? [now()] : fields, new.target);
  }, { ...Object.getOwnPropertyDescriptors(RealDate), now: { ...visible, value: now } });

  const symbolMembers = Object.getOwnPropertyDescriptors(RealSymbol);
  for (const key of Reflect.ownKeys(symbolMembers)) if (!listedSymbolKeys.has(key)) delete symbolMembers[key];
  replace(RealSymbol, function (...description) {
    if (new.target !== undefined) throw new TypeError("Symbol is not a constructor");
    return RealSymbol(...description);
  }, symbolMembers);

  const { random } = { random() { return hostRandom(); } };
  Object.defineProperty(Math, "random", { ...visible, value: random });
})`);

/** What syntax reaches without a name; the keys are those of xs-globals.json. */
const hidden = new vm.Script(`(() => {
  const prototypeOf = Object.getPrototypeOf;
  const generatorFunction = prototypeOf(function* () {});
  const asyncGeneratorFunction = prototypeOf(async function* () {});
  const arrayIterator = prototypeOf([].values());
  return {
    "%TypedArray%": prototypeOf(Int8Array),
    "%GeneratorFunction%": generatorFunction.constructor,
    "%GeneratorPrototype%": generatorFunction.prototype,
    "%AsyncFunction%": (async () => {}).constructor,
    "%AsyncGeneratorFunction%": asyncGeneratorFunction.constructor,
    "%AsyncGeneratorPrototype%": asyncGeneratorFunction.prototype,
    "%IteratorPrototype%": prototypeOf(arrayIterator),
    "%AsyncIteratorPrototype%": prototypeOf(asyncGeneratorFunction.prototype),
    "%ArrayIteratorPrototype%": arrayIterator,
    "%MapIteratorPrototype%": prototypeOf(new Map().values()),
    "%SetIteratorPrototype%": prototypeOf(new Set().values()),
    "%StringIteratorPrototype%": prototypeOf(""[Symbol.iterator]()),
    "%RegExpStringIteratorPrototype%": prototypeOf("".matchAll(/a/g)),
  };
})()`);

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

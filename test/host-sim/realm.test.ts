import vm from "node:vm";

import { expect, test } from "vitest";

import { createRealm } from "../../host-sim/engines/realm.ts";
import xsGlobals from "../../host-sim/engines/xs-globals.json" with { type: "json" };

const CAPTURED_AT_MS = Date.UTC(2026, 10, 21, 8, 14, 9);
const EXTRA_FOR_STACK_TRACES = "Error.stackTraceLimit";

function evaluate(source: string, { wallClockMs = CAPTURED_AT_MS, random = 0.25 } = {}): unknown {
  const realm = createRealm({ wallClockMs: () => wallClockMs, random: () => random });
  return vm.runInContext(`"use strict"; ${source}`, realm);
}

/** Every object a program can reach, by property, accessor, prototype or syntax, with its own keys. */
const REACH = `(() => {
  const named = (key) => typeof key === "string" ? key : key.description.replace(/^Symbol\\./, "@@");
  const reached = new Map([[globalThis, "globalThis"]]);
  const reach = (value, path) => {
    if (value !== null && (typeof value === "object" || typeof value === "function") && !reached.has(value)) reached.set(value, path);
  };
  [function* () {}, async () => {}, async function* () {}, [].values(), new Map().values(), new Set().values(),
    ""[Symbol.iterator](), "".matchAll(/a/g), async function* () {}(), function* () {}()]
    .forEach((value, index) => reach(Object.getPrototypeOf(value), "syntax" + index));
  for (const [value, path] of reached) {
    reach(Object.getPrototypeOf(value), path + ".__proto__");
    for (const key of Reflect.ownKeys(value)) {
      const { value: member, get, set } = Reflect.getOwnPropertyDescriptor(value, key);
      for (const next of [member, get, set]) reach(next, (path === "globalThis" ? "" : path + ".") + named(key));
    }
  }
  return JSON.stringify([...reached].map(([value, path]) => [path, Reflect.ownKeys(value).map(named)]));
})()`;

test("only what XS lists is a global", () => {
  const names: unknown = JSON.parse(
    String(evaluate("JSON.stringify(Object.getOwnPropertyNames(globalThis))")),
  );
  expect(xsGlobals.globals).toEqual(expect.arrayContaining(Array.isArray(names) ? names : []));
  expect(names).toContain("Promise");
});

test("only what XS lists is a member of a named built-in", () => {
  const reached = new Map<string, string[]>(JSON.parse(String(evaluate(REACH))));
  const surplus = Object.entries<string[]>(xsGlobals.members).flatMap(([path, keys]) =>
    (reached.get(path) ?? []).filter((key) => !keys.includes(key)).map((key) => `${path}.${key}`),
  );
  expect(surplus).toEqual([EXTRA_FOR_STACK_TRACES]);
});

test("no member name outside the list is reachable anywhere", () => {
  const known = new Set([
    ...Object.values<string[]>(xsGlobals.members).flat(),
    ...xsGlobals.globals,
  ]);
  const reached: [string, string[]][] = JSON.parse(String(evaluate(REACH)));
  const unknown = reached
    .filter(([path]) => !path.endsWith("@@unscopables"))
    .flatMap(([path, keys]) =>
      keys.filter((key) => !known.has(key)).map((key) => `${path}.${key}`),
    );
  expect(unknown).toEqual([EXTRA_FOR_STACK_TRACES]);
  expect(reached.length).toBeGreaterThan(500);
});

test.each([
  "Intl",
  "console",
  "WebAssembly",
  "Temporal",
  "setTimeout",
  "URL",
  "TextDecoder",
  "structuredClone",
  "Iterator",
  "[].toSorted",
  "Symbol.dispose",
  "Promise.withResolvers",
  "Uint8Array.fromHex",
  "[].values().map",
])("%s is absent", (expression) => {
  expect(evaluate(`typeof ${expression}`)).toBe("undefined");
});

test("the clock is the host's", () => {
  expect(evaluate("Date.now()")).toBe(CAPTURED_AT_MS);
  expect(evaluate("Date.now()", { wallClockMs: 12.9 })).toBe(12);
  expect(evaluate("new Date().toISOString()")).toBe("2026-11-21T08:14:09.000Z");
  expect(evaluate("Date() === new Date().toString()")).toBe(true);
});

test("Date keeps its own meaning", () => {
  expect(evaluate("new Date(5).getTime()")).toBe(5);
  expect(evaluate("new Date('2026-01-01').getTime()")).toBe(Date.UTC(2026, 0, 1));
  expect(evaluate("new Date() instanceof Date && new Date().constructor === Date")).toBe(true);
  expect(evaluate("new (class Stamp extends Date {})(7).getTime()")).toBe(7);
  expect(evaluate("Date.name + Date.length + Date.UTC(1970, 0)")).toBe("Date70");
});

test("chance is the host's", () => {
  expect(evaluate("Math.random()", { random: 0.125 })).toBe(0.125);
});

test("Symbol keeps its own meaning", () => {
  expect(evaluate("typeof Symbol('a') + Symbol('a').description")).toBe("symbola");
  expect(evaluate("Symbol.for('a') === Symbol.for('a') && Symbol().constructor === Symbol")).toBe(
    true,
  );
  expect(() => evaluate("new Symbol()")).toThrow("not a constructor");
});

test.each([
  "Array.prototype.map = null",
  "Object.prototype.extra = 1",
  "Promise.prototype.then = null",
  "Date.now = null",
  "Math.random = null",
  "(function* () {}).constructor.prototype.extra = 1",
  "[].values().__proto__.next = null",
  "new Error('a').name = 'Other'",
])("%s throws, as on the board", (patch) => {
  expect(() => evaluate(patch)).toThrow(/read only|not extensible/);
});

test("an error carries its stack", () => {
  expect(evaluate("(function deep() { return new Error('a').stack; })()")).toContain("deep");
});

test("nothing of the host is reachable through what it lent", () => {
  const escapes =
    "[Date, Date.now, Math.random, Symbol].some((lent) => lent.constructor !== Function)";
  expect(evaluate(escapes)).toBe(false);
  expect(evaluate("Date.constructor('return typeof process')()")).toBe("undefined");
});

test("promises of two realms and the host resolve in order on one queue", async () => {
  const order: string[] = [];
  const start = (realm: vm.Context, name: string): void => {
    realm.note = (step: string): number => order.push(name + step);
    vm.runInContext(
      "(async () => { note('1'); await null; note('2'); await null; note('3'); })()",
      realm,
    );
  };
  const host = { wallClockMs: () => 0, random: () => 0 };
  start(createRealm(host), "a");
  start(createRealm(host), "b");
  await Promise.resolve().then(() => order.push("host"));
  expect(order).toEqual(["a1", "b1", "a2", "b2", "host", "a3", "b3"]);
});

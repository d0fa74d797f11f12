/** What is evaluated inside a firmware's realm, whichever engine has it: the firmware never meets an object of the host. */

/**
 * Date and Math.random of the host: (wallClockMs, random, listedSymbolKeys). Symbol needs a wrapper because V8 makes
 * Symbol.dispose and Symbol.asyncDispose undeletable.
 */
export const REWIRE = `(wallClockMs, hostRandom, listedSymbolKeys) => {
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
}`;

/** What syntax reaches without a name; the keys are those of xs-globals.json. */
export const HIDDEN_BUILT_INS = `() => {
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
}`;

import { createECDH, createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bundleExperiment, startExperiment } from "./experiment.ts";
import type { KeysOutcome } from "./keys-firmware.ts";

const firmware = bundleExperiment("keys-firmware.ts");

/** The prime of P-256's field, and a point of it whose x is zero: the prime is the same x again. */
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const Y_AT_ZERO = 0x66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4n;
/** The order of its base point. */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const SIGNING_INPUT = "eyJhbGciOiJFUzI1NiJ9.eyJ2ZXJzaW9uIjoiMS40LjAifQ";

function makeKey() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { crv, kty, x = "", y = "" } = publicKey.export({ format: "jwk" });
  const thumbprint = createHash("sha256").update(JSON.stringify({ crv, kty, x, y }));
  const point = Buffer.concat([Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  const kid = thumbprint.digest("base64url");
  return { privateKey, kid, point, entry: `${kid}:${point.toString("base64url")}` };
}

function signed(privateKey: KeyObject, text = SIGNING_INPUT): Buffer {
  return sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" });
}

function pair(r: bigint, s: bigint): Buffer {
  return Buffer.from([r, s].map((number) => number.toString(16).padStart(64, "0")).join(""), "hex");
}

/** The point that a private number stands for; x, then y. */
function pointOf(scalar: bigint): Buffer {
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(pair(0n, scalar).subarray(32));
  return curve.getPublicKey().subarray(1);
}

function modulo(value: bigint): bigint {
  return ((value % N) + N) % N;
}

function power(base: bigint, exponent: bigint): bigint {
  if (exponent === 0n) return 1n;
  const half = power(modulo(base * base), exponent / 2n);
  return exponent % 2n === 0n ? half : modulo(half * base);
}

const first = makeKey();
const second = makeKey();
const development = makeKey();

async function ask(
  config: { readonly updateKeys?: string; readonly developmentKey?: string },
  ...asked: readonly (readonly [kid: string, signature: Buffer, text?: string])[]
): Promise<KeysOutcome> {
  const plan = {
    config,
    asked: asked.map(([kid, signature, signingInput = SIGNING_INPUT]) => ({
      ...{ kid, signingInput },
      signature: [...signature],
    })),
  };
  const { traced } = startExperiment<KeysOutcome>(await firmware, plan);
  const [end] = traced;
  if (end === undefined) throw new Error("the experiment traced nothing");
  return end.outcome;
}

test("a signature is good by the key it names, of those that are baked in", async () => {
  const { answers, isDevelopment, log } = await ask(
    { updateKeys: `${first.entry} ${second.entry}` },
    [first.kid, signed(first.privateKey)],
    [second.kid, signed(second.privateKey)],
    [first.kid, signed(second.privateKey)],
    [first.kid, signed(first.privateKey), `${SIGNING_INPUT}A`],
    [development.kid, signed(development.privateKey)],
  );
  expect(answers).toEqual([true, true, false, false, null]);
  expect(isDevelopment).toBe(false);
  expect(log).toEqual([]);
});

test("a development key makes a development build, and is good beside the others", async () => {
  const { answers, isDevelopment, log } = await ask(
    { updateKeys: first.entry, developmentKey: development.entry },
    [first.kid, signed(first.privateKey)],
    [development.kid, signed(development.privateKey)],
  );
  expect(answers).toEqual([true, true]);
  expect(isDevelopment).toBe(true);
  expect(log).toEqual(["warn manifest-keys: this is a development build"]);
});

test("a point whose x is zero is a key like any other", async () => {
  const updateKeys = `${first.kid}:${pair(0n, Y_AT_ZERO).toString("base64url")}`;
  const { answers, log } = await ask({ updateKeys }, [first.kid, signed(first.privateKey)]);
  expect([answers, log]).toEqual([[false], []]);
});

test("every changed bit of a signature is one too many", async () => {
  const good = signed(first.privateKey);
  const flipped = Array.from({ length: 64 }, (_, at) => {
    const bytes = Buffer.from(good);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
    return [first.kid, bytes] as const;
  });
  const { answers } = await ask({ updateKeys: first.entry }, ...flipped);
  expect(answers).toEqual(flipped.map(() => false));
});

describe("what the SDK's arithmetic would take or never finish", () => {
  const good = signed(first.privateKey);
  const r = BigInt(`0x${good.toString("hex", 0, 32)}`);
  const s = BigInt(`0x${good.toString("hex", 32)}`);

  test.each([
    ["r and s are zero", pair(0n, 0n)],
    ["r is zero", pair(0n, s)],
    ["s is zero", pair(r, 0n)],
    ["r is the order", pair(N, s)],
    ["s is the order", pair(r, N)],
    ["both are the order", pair(N, N)],
    ["all bits are set", Buffer.alloc(64, 0xff)],
    ["a byte is missing", good.subarray(0, 63)],
    ["a byte follows", Buffer.concat([good, Buffer.of(0)])],
    ["there is nothing", Buffer.alloc(0)],
  ])("is no signature: %s", async (_what, signature) => {
    const { answers } = await ask({ updateKeys: first.entry }, [first.kid, signature]);
    expect(answers).toEqual([false]);
  });
});

test("a second spelling of a signature is none: the order added to s", async () => {
  const hash = BigInt(`0x${createHash("sha256").update(SIGNING_INPUT).digest("hex")}`);
  // s = (hash + r d) / k: with k and s of 2 and 1, and r of the former, d is 2 - hash divided by r.
  const r = BigInt(`0x${pointOf(2n).toString("hex", 0, 32)}`);
  const d = modulo((2n - hash) * power(r, N - 2n));
  const kid = first.kid;
  const updateKeys = `${kid}:${pointOf(d).toString("base64url")}`;
  const { answers } = await ask({ updateKeys }, [kid, pair(r, 1n)], [kid, pair(r, 1n + N)]);
  expect(answers).toEqual([true, false]);
});

describe("an entry that is no key is told of, and the others are used", () => {
  const aside = Buffer.from(second.point);
  aside[40] = (aside[40] ?? 0) ^ 1;

  test.each([
    ["words", "nonsense"],
    ["a key without a name", `:${second.point.toString("base64url")}`],
    ["a name without a key", second.kid],
    ["a byte too few", `${second.kid}:${second.point.subarray(1).toString("base64url")}`],
    ["a slip in the point", `${second.kid}:${aside.toString("base64url")}`],
    ["a number beyond the field", `${second.kid}:${pair(P, Y_AT_ZERO).toString("base64url")}`],
    ["standard base64", `${second.kid}:${Buffer.alloc(64, 0xfb).toString("base64").slice(0, 86)}`],
  ])("%s", async (_what, entry) => {
    const { answers, log } = await ask(
      { updateKeys: `${entry} ${first.entry}` },
      [second.kid, signed(second.privateKey)],
      [first.kid, signed(first.privateKey)],
    );
    expect(answers).toEqual([null, true]);
    expect(log).toEqual(["error manifest-keys: updateKeys: entry 1 is no P-256 key"]);
  });

  test("and makes no development build", async () => {
    const { isDevelopment, log } = await ask({ updateKeys: first.entry, developmentKey: "dev" });
    expect(isDevelopment).toBe(false);
    expect(log).toEqual(["error manifest-keys: developmentKey: entry 1 is no P-256 key"]);
  });
});

test("an image without a key says so", async () => {
  const { answers, log } = await ask({}, [first.kid, signed(first.privateKey)]);
  expect(answers).toEqual([null]);
  expect(log).toEqual(["warn manifest-keys: no key: this image takes no signed update"]);
});

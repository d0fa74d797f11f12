import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { expect, test } from "vitest";
import { startSmall } from "./small-firmware.ts";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

interface Signed {
  readonly hash: Buffer;
  readonly signature: Buffer;
  readonly point: readonly bigint[];
}

function signed(text: string): Signed {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const key = { key: privateKey, dsaEncoding: "ieee-p1363" } as const;
  return {
    hash: createHash("sha256").update(text).digest(),
    signature: sign("sha256", Buffer.from(text), key),
    point: [numberOf(x), numberOf(y)],
  };
}

/** A right signature with that s, of whatever hash it is one of: hash = s k - r d. */
function signedWith(s: bigint): Signed {
  const [key, nonce] = [0, 1].map(() => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { d = "", x = "", y = "" } = privateKey.export({ format: "jwk" });
    return { d: numberOf(d), x: numberOf(x), y: numberOf(y) };
  });
  if (key === undefined || nonce === undefined) throw new Error("unreachable");
  const hash = (((s * nonce.d - nonce.x * key.d) % ORDER) + ORDER) % ORDER;
  return {
    hash: bytesOf(hash),
    signature: Buffer.concat([bytesOf(nonce.x), bytesOf(s)]),
    point: [key.x, key.y],
  };
}

function numberOf(base64url: string): bigint {
  return BigInt(`0x${Buffer.from(base64url, "base64url").toString("hex")}`);
}

function bytesOf(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, "0"), "hex");
}

type Alter = (r: bigint, s: bigint) => readonly [r: bigint, s: bigint];

/** The signature with r and s replaced. */
function altered(signature: Buffer, alter: Alter): Buffer {
  const half = (at: number) => BigInt(`0x${signature.toString("hex", at, at + 32)}`);
  return Buffer.concat(alter(half(0), half(32)).map(bytesOf));
}

/** What the firmware is answered by the SDK's class; undefined: nothing. */
async function verify({ hash, signature, point: [x, y] }: Signed) {
  const { world, log } = await startSmall(
    `if (native.reset_reason() === 1) {
      const key = new ECPoint(${x}n, ${y}n);
      const hash = Uint8Array.of(${hash.join()}).buffer;
      const signature = Uint8Array.of(${signature.join()}).buffer;
      trace(String(new ECDSA(key, new Curve("secp256r1"), false).verify(hash, signature, false)));
    } else trace("reset " + native.reset_reason());`,
    { bugsAreFatal: false },
  );
  await world.run(60_000);
  return log;
}

test("a right signature is verified with its own key and its own hash alone", async () => {
  for (const text of ["a", "b", "c", "d", "e", "f", "g", "h"]) {
    const right = signed(text);
    expect(await verify(right)).toEqual(["true"]);
    expect(await verify({ ...right, point: signed(text).point })).toEqual(["false"]);
    expect(await verify({ ...right, hash: signed("other").hash })).toEqual(["false"]);
  }
});

// What modules/crypt/etc/ecdsa.js and crypt/arith of SDK 8.2.3 make of it: nobody looks at the range of r and s.
test.each<[string, Alter, string]>([
  ["another r", (r, s) => [r + 1n, s], "false"],
  ["another s", (r, s) => [r, s + 1n], "false"],
  ["the other of the two right s", (r, s) => [r, ORDER - s], "true"],
  ["an r of zero", (_r, s) => [0n, s], "false"],
  ["an r of the order", (_r, s) => [ORDER, s], "false"],
  ["an s of the order", (r) => [r, ORDER], "false"],
  ["an s of zero, which it inverts for ever", (r) => [r, 0n], "reset 6"],
  ["nothing but zeros", () => [0n, 0n], "reset 6"],
])("%s", async (_what, alter, answer) => {
  const right = signed("text");
  const signature = altered(right.signature, alter);
  expect(await verify({ ...right, signature })).toEqual([answer]);
});

test("a signature that ends too early reads as an s of zero", async () => {
  const right = signed("text");
  const signature = right.signature.subarray(0, 32);
  expect(await verify({ ...right, signature })).toEqual(["reset 6"]);
});

test("an s above the order counts as its remainder, and the order itself as one", async () => {
  for (const [s, above] of [
    [5n, ORDER + 5n],
    [1n, ORDER],
  ] as const) {
    const right = signedWith(s);
    expect(await verify(right)).toEqual(["true"]);
    const signature = altered(right.signature, (r) => [r, above]);
    expect(await verify({ ...right, signature })).toEqual(["true"]);
  }
});

import { createECDH } from "node:crypto";
import type { BoardCalls, PowerCycle } from "./power.ts";

const CURVE = "prime256v1";
/** secp256r1: the field's prime, the curve's `a` and the order of its generator (SEC 2, section 2.4.2). */
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const A = P - 3n;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const SCALAR_BYTES = 32;

interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

/** The SDK's "ecdsa": in JavaScript and C there, native here. A signature that is too short reads as zeros. */
export function ecdsaCalls(power: PowerCycle): BoardCalls {
  return {
    "ecdsa.verify": (hash, signature, x, y) => {
      const bytes = signature as Uint8Array;
      const r = numberOf(bytes.subarray(0, SCALAR_BYTES));
      const s = numberOf(bytes.subarray(SCALAR_BYTES, 2 * SCALAR_BYTES));
      const key = { x: BigInt(String(x)), y: BigInt(String(y)) };
      const answer = verify(numberOf(hash as Uint8Array), r, s, key);
      if (answer === "hangs") power.stall(Number.POSITIVE_INFINITY);
      return answer === true;
    },
  };
}

/**
 * Moddable's `ECDSA` on secp256r1 for a hash that is there already, with what it leaves out: it looks at the range of
 * neither r nor s. An s above the order counts as its remainder, and with an s of zero its inversion never ends.
 *
 * OpenSSL hashes what it verifies, so it only multiplies here: u1 G + u2 Q = u2 (k G + Q) with k = u1 / u2 = hash / r.
 */
function verify(hash: bigint, r: bigint, s: bigint, key: Point): boolean | "hangs" {
  if (s === 0n) return "hangs";
  // Of the order itself the SDK's inversion makes 1.
  const inverse = s === N ? 1n : invert(s, N);
  const u2 = modulo(r * inverse, N);
  // The point would be u1 G, whose x is no multiple of the order.
  if (u2 === 0n) return false;
  const k = modulo(hash * invert(modulo(r, N), N), N);
  const sum = k === 0n ? key : add(multiplyGenerator(k), key);
  return sum !== undefined && multiplyX(sum, u2) === r;
}

function multiplyGenerator(scalar: bigint): Point {
  const ecdh = createECDH(CURVE);
  ecdh.setPrivateKey(bytesOf(scalar));
  const point = ecdh.getPublicKey();
  return { x: numberOf(point.subarray(1, 33)), y: numberOf(point.subarray(33)) };
}

function multiplyX({ x, y }: Point, scalar: bigint): bigint {
  const ecdh = createECDH(CURVE);
  ecdh.setPrivateKey(bytesOf(scalar));
  return numberOf(ecdh.computeSecret(Buffer.concat([Buffer.of(4), bytesOf(x), bytesOf(y)])));
}

/** Undefined for the point at infinity. */
function add(first: Point, second: Point): Point | undefined {
  const isSameX = first.x === second.x;
  if (isSameX && first.y !== second.y) return undefined;
  const slope = isSameX
    ? (3n * first.x * first.x + A) * invert(2n * first.y, P)
    : (second.y - first.y) * invert(modulo(second.x - first.x, P), P);
  const x = modulo(slope * slope - first.x - second.x, P);
  return { x, y: modulo(slope * (first.x - x) - first.y, P) };
}

/** By the extended Euclidean algorithm. */
function invert(value: bigint, modulus: bigint): bigint {
  let [low, high] = [modulo(value, modulus), modulus];
  let [factor, next] = [1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [low, high] = [high % low, low];
    [factor, next] = [next - quotient * factor, factor];
  }
  return modulo(factor, modulus);
}

function modulo(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

function bytesOf(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * SCALAR_BYTES, "0"), "hex");
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);
}

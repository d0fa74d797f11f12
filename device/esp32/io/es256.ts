/** ES256 (RFC 7518, section 3.4) over the SDK's curve arithmetic, which itself checks neither keys nor signatures. */
import Curve from "curve";
import ECDSA from "ecdsa";
import ECPoint from "ecp";
import { sha256Of } from "./sha256.ts";

export interface PublicKey {
  readonly x: bigint;
  readonly y: bigint;
}

/** Of x and y, of r and s. */
const NUMBER_BYTES = 32;

/** P-256 (SEC 2, section 2.4.2): y² = x³ - 3x + b modulo p, and a base point of order n. */
const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** `point` is x and y. Undefined for what is not on the curve, which every slip in a key is. */
export function parsePublicKey(point: Uint8Array): PublicKey | undefined {
  if (point.length !== 2 * NUMBER_BYTES) return undefined;
  const x = readNumber(point, 0);
  const y = readNumber(point, NUMBER_BYTES);
  const isOnCurve = x < P && y < P && (y * y - (x * x * x - 3n * x + B)) % P === 0n;
  return isOnCurve ? { x, y } : undefined;
}

/** `signature` is r and s. */
export function verifyEs256(
  { x, y }: PublicKey,
  message: Uint8Array,
  signature: Uint8Array<ArrayBuffer>,
): boolean {
  if (signature.length !== 2 * NUMBER_BYTES) return false;
  // An s of zero keeps the SDK busy for ever; elsewhere zeros were genuine under every key (CVE-2022-21449).
  const scalars = [readNumber(signature, 0), readNumber(signature, NUMBER_BYTES)];
  if (!scalars.every((scalar) => scalar > 0n && scalar < N)) return false;
  const ecdsa = new ECDSA(new ECPoint(x, y), new Curve("secp256r1"), false);
  return ecdsa.verify(sha256Of(message), signature.slice().buffer, false);
}

function readNumber(bytes: Uint8Array, at: number): bigint {
  let number = 0n;
  for (const byte of bytes.subarray(at, at + NUMBER_BYTES)) number = (number << 8n) | BigInt(byte);
  return number;
}

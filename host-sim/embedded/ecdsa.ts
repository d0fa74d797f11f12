import { callBoard } from "./board-port.ts";
import type Curve from "./curve.ts";
import type ECPoint from "./ecp.ts";

/** `ecdsa`, of which the firmware only verifies. It checks the range of r and s as little as the SDK's does. */
export default class ECDSA {
  readonly #key: ECPoint;

  constructor(key: ECPoint, _curve: Curve, _isPrivate: false) {
    this.#key = key;
  }

  /** `signature` is r and s, one behind the other. */
  verify(hash: ArrayBuffer, signature: ArrayBuffer, _asn1?: false): boolean {
    const { X, Y } = this.#key;
    const args = [new Uint8Array(hash), new Uint8Array(signature), String(X), String(Y)] as const;
    return callBoard("ecdsa.verify", ...args) === true;
  }
}

/** Apart from embedded.d.ts because mcconfig needs it too: the SDK has no typings for these. */
declare module "ecp" {
  export default class ECPoint {
    constructor(x: bigint, y: bigint);
    private brand: boolean;
  }
}

declare module "curve" {
  export default class Curve {
    constructor(name: "secp256r1");
    private brand: boolean;
  }
}

declare module "ecdsa" {
  import type Curve from "curve";
  import type ECPoint from "ecp";

  export default class ECDSA {
    constructor(key: ECPoint, curve: Curve, isPrivate: false);
    /** `signature` is r and s, 32 bytes each; not DER. */
    verify(hash: ArrayBuffer, signature: ArrayBuffer, isDer: false): boolean;
  }
}

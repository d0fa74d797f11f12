/** `curve` */
export default class Curve {
  constructor(name: "secp256r1") {
    if (name !== "secp256r1") throw new Error(`curve: "${String(name)}" is not simulated`);
  }
}

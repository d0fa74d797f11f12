import { callBoard } from "./board-port.ts";

/** `ssl/cert`: the authorities of all of the firmware's TLS connections. */
export default {
  register(certificate: ArrayBuffer): void {
    callBoard("tls.trust", new Uint8Array(certificate));
  },
};

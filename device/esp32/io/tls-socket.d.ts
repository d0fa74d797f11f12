/** Apart from embedded.d.ts because mcconfig needs it too: the SDK has one typing under a name nobody imports, and none. */
declare module "embedded:io/socket/tcp/tls" {
  export default class TLSSocket {
    private brand: boolean;
  }
}

declare module "ssl/cert" {
  export default class CertificateManager {
    private brand: boolean;
    static register(certificate: ArrayBuffer): void;
  }
}

/** Apart from embedded.d.ts because mcconfig needs it too: the SDK has no typing for it. */
declare module "ssl/cert" {
  export default class CertificateManager {
    private brand: boolean;
    static register(certificate: ArrayBuffer): void;
  }
}

/** Apart from embedded.d.ts because mcconfig needs it too: the SDK has this typing under a name nobody imports. */
declare module "embedded:io/socket/tcp/tls" {
  export default class TLSSocket {
    private brand: boolean;
  }
}

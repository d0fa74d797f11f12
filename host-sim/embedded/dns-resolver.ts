import { callBoard, listen, unlisten } from "./board-port.ts";

/** `embedded:network/dns/resolver/udp` */
export default class Resolver {
  resolve(query: {
    host: string;
    onResolved(host: string, address: string): void;
    onError(host: string): void;
  }): void {
    const target = listen((event, [address]) => {
      unlisten(target);
      if (event === "resolved") query.onResolved(query.host, String(address));
      else query.onError(query.host);
    });
    callBoard("dns.resolve", target, query.host);
  }

  close(): void {}
}

import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

type Caller = Pick<IncomingMessage, "headers"> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
};

/** Undefined when one of them is no address and no CIDR range. */
export function readProxies(ranges: readonly string[]): BlockList | undefined {
  const proxies = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const version = isIP(address);
    if (version === 0) return undefined;
    const prefix = bits === undefined ? (version === 4 ? 32 : 128) : Number(bits);
    if (!Number.isInteger(prefix) || prefix < 0 || prefix > (version === 4 ? 32 : 128)) {
      return undefined;
    }
    proxies.addSubnet(address, prefix, `ipv${version === 4 ? 4 : 6}`);
  }
  return proxies;
}

/**
 * Who really asks: behind proxies that are trusted, the last of X-Forwarded-For that none of them is. What stands before
 * it, the client may have written itself.
 */
export function clientAddress({ headers, socket }: Caller, proxies: BlockList): string {
  const peer = plainAddress(socket.remoteAddress ?? "gone");
  if (!isAmong(proxies, peer)) return peer;
  const told = [headers["x-forwarded-for"] ?? []].flat().join(",").split(",");
  const hops = told.map((hop) => plainAddress(hop.trim())).filter((hop) => isIP(hop) !== 0);
  return hops.findLast((hop) => !isAmong(proxies, hop)) ?? peer;
}

/** An IPv4 peer of a socket that listens for both is written "::ffff:192.0.2.1". */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}

function isAmong(proxies: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && proxies.check(address, version === 4 ? "ipv4" : "ipv6");
}

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
 * it, the client may have written itself; so nothing before a word that is no address counts either.
 */
export function clientAddress({ headers, socket }: Caller, proxies: BlockList): string {
  let caller = plainAddress(socket.remoteAddress ?? "gone");
  const told = [headers["x-forwarded-for"] ?? []].flat().join(",").split(",");
  while (isAmong(proxies, caller)) {
    const hop = plainAddress(withoutPort(told.pop()?.trim() ?? ""));
    if (isIP(hop) === 0) break;
    caller = hop;
  }
  return caller;
}

/** Some proxies write "192.0.2.1:4711" and "[2001:db8::1]:4711". */
function withoutPort(hop: string): string {
  const [, address = hop] = /^\[([^\]]*)\](?::\d+)?$/.exec(hop) ?? [];
  return address.replace(/^(\d+(?:\.\d+){3}):\d+$/, "$1");
}

/** An IPv4 peer of a socket that listens for both is written "::ffff:192.0.2.1", by some "::ffff:c000:201". */
function plainAddress(address: string): string {
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return address.replace(/^::ffff:(?=\d+\.)/i, "");
  const [first, second] = [high, low].map((bits) => Number.parseInt(bits, 16));
  return [first, second].flatMap((bits = 0) => [bits >> 8, bits & 0xff]).join(".");
}

function isAmong(proxies: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && proxies.check(address, version === 4 ? "ipv4" : "ipv6");
}

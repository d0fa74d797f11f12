import { hostname, networkInterfaces } from "node:os";

/** This machine's own names, for its own tools and simulated feeders. */
const LOOPBACK = ["localhost", "127.0.0.1"];

/** What others on the local network find this machine by: its name, that name by mDNS, its IPv4 addresses. */
export function localHosts(): readonly string[] {
  const name = hostname()
    .toLowerCase()
    .replace(/\.local$/, "");
  const addresses = Object.values(networkInterfaces())
    .flatMap((some) => some ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
  return withLoopback(isHostName(name) ? [name, `${name}.local`, ...addresses] : addresses);
}

export function withLoopback(hosts: readonly string[]): readonly string[] {
  return [...new Set([...hosts, ...LOOPBACK])];
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** A name without a wildcard: it would be good for servers that are not this one. */
export function isHostName(text: string): boolean {
  return text.length <= 253 && text.split(".").every((label) => LABEL.test(label));
}

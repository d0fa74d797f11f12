import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientAddress, readProxies } from "../../../server-min/machine/client-address.ts";

const caddy = readProxies(["127.0.0.1", "172.16.0.0/12", "fd00::/8"]) ?? fail();

function fail(): never {
  throw new Error("no proxies");
}

function asked(remoteAddress: string, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return clientAddress({ headers, socket: { remoteAddress } }, caddy);
}

describe("the client's address", () => {
  test.each([
    ["192.0.2.1", undefined, "192.0.2.1"],
    ["::ffff:192.0.2.1", undefined, "192.0.2.1"],
    ["192.0.2.1", "198.51.100.9", "192.0.2.1"],
    ["127.0.0.1", "198.51.100.9", "198.51.100.9"],
    ["::ffff:172.20.0.3", "198.51.100.9", "198.51.100.9"],
    ["fd00::3", "2001:db8::9", "2001:db8::9"],
    ["127.0.0.1", "203.0.113.7, 198.51.100.9", "198.51.100.9"],
    ["127.0.0.1", "198.51.100.9, 172.20.0.3", "198.51.100.9"],
    ["127.0.0.1", "172.20.0.4, 172.20.0.3", "172.20.0.4"],
    ["127.0.0.1", "nonsense", "127.0.0.1"],
    ["127.0.0.1", "203.0.113.7, 198.51.100.9:4711", "198.51.100.9"],
    ["127.0.0.1", "203.0.113.7, [2001:db8::9]:4711", "2001:db8::9"],
    ["127.0.0.1", "203.0.113.7, [2001:db8::9]", "2001:db8::9"],
    ["127.0.0.1", "203.0.113.7, unknown", "127.0.0.1"],
    ["127.0.0.1", "203.0.113.7, unknown, 172.20.0.3", "172.20.0.3"],
    ["127.0.0.1", "203.0.113.7, ::ffff:c633:6409", "198.51.100.9"],
    ["127.0.0.1", undefined, "127.0.0.1"],
  ])("of peer %s that forwards for %s is %s", (peer, forwarded, address) => {
    expect(asked(peer, forwarded)).toBe(address);
  });

  test("is never what a stranger wrote", () => {
    fc.assert(
      fc.property(fc.string(), (forwarded) => {
        expect(asked("192.0.2.1", forwarded)).toBe("192.0.2.1");
      }),
    );
  });
});

test.each(["caddy", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "::/129", ""])(
  "%j is no range of proxies",
  (range) => {
    expect(readProxies([range])).toBeUndefined();
  },
);

import fc from "fast-check";
import { expect, test } from "vitest";
import { networkOf } from "../../../server-min/identity/network.ts";

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["unknown", "unknown"],
  ["2001:db8:0:7:aaaa:bbbb:cccc:dddd", "2001:db8:0:7::/64"],
  ["2001:DB8:0000:0007::1", "2001:db8:0:7::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001:db8::", "2001:db8:0:0::/64"],
  ["2001::7:8:9:a:b", "2001:0:0:7::/64"],
  ["::1", "0:0:0:0::/64"],
  ["64:ff9b::192.0.2.33", "64:ff9b:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
])("%s is counted as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test("every address of a network is counted as one, however it is written", () => {
  const group = fc.integer({ min: 0, max: 0xffff }).map((bits) => bits.toString(16));
  const groups = fc.array(group, { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(groups, (of) => {
      const plain = of.join(":");
      const short = new URL(`http://[${plain}]`).hostname.slice(1, -1);
      const network = `${of.slice(0, 4).join(":")}::/64`;
      expect([networkOf(plain), networkOf(short)]).toEqual([network, network]);
    }),
  );
});

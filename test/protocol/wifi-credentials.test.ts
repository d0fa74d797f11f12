import fc from "fast-check";
import { expect, test } from "vitest";
import {
  encodeWifiCredentials,
  isPassphrase,
  isSsid,
  parseWifiCredentials,
} from "../../protocol/wifi-credentials.ts";

test.each([
  ["garden", true],
  ["Vögel & Co", true],
  ["", false],
  ["x".repeat(32), true],
  ["x".repeat(33), false],
  ["ü".repeat(16), true],
  ["ü".repeat(17), false],
  ["gar\0den", false],
])("%j as a network's name: %s", (ssid, fits) => {
  expect(isSsid(ssid)).toBe(fits);
});

test.each([
  ["", true],
  ["seven-7", false],
  ["eight-or", true],
  ["x".repeat(63), true],
  ["x".repeat(64), false],
  ["0123456789abcdefABCDEF0123456789abcdef0123456789abcdef0123456789", true],
  ["eight\0or-more", false],
])("%j as a passphrase: %s", (password, fits) => {
  expect(isPassphrase(password)).toBe(fits);
});

test("what was stored is read as it was", () => {
  const ssids = fc.string({ unit: "grapheme", maxLength: 32 }).filter(isSsid);
  const passwords = fc.string({ unit: "grapheme", maxLength: 64 }).filter(isPassphrase);
  fc.assert(
    fc.property(ssids, passwords, (ssid, password) => {
      expect(parseWifiCredentials(encodeWifiCredentials({ ssid, password }))).toEqual({
        ssid,
        password,
      });
    }),
  );
});

test.each(["", "{", "null", "[]", '{"ssid":"garden"}', '{"ssid":"","password":""}', '{"ssid":7}'])(
  "%j is no network",
  (text) => expect(parseWifiCredentials(text)).toBeUndefined(),
);

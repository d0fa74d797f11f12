import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkOffer,
  checkUnsigned,
  type OfferContext,
} from "../../../device/esp32/update/offer-check.ts";
import type { OfferedManifest } from "../../../protocol/update-messages.ts";
import { MANIFEST, makeKey, offerOf, sha256Hex, signJws, trust } from "./signed-offers.ts";

const key = makeKey("first");
const next = makeKey("second");
const stranger = makeKey("stranger");

const CONTEXT: OfferContext = {
  keys: trust([key, next]),
  build: { product: "skyfeeder", board: "feeder", chip: "esp32" },
  channel: "stable",
  running: {
    project: "skyfeeder",
    version: "1.0.0",
    elfSha256: sha256Hex("build of 1.0.0"),
    builtAtMs: Date.UTC(2026, 0, 1),
  },
  floor: { sequence: 6, elfSha256: sha256Hex("build of 1.0.0") },
  ledger: [],
  slotBytes: 0x1b0000,
  serverTimeMs: Date.UTC(2026, 5, 15),
};

function verdict(offer: OfferedManifest, changes: Partial<OfferContext> = {}): string {
  const result = checkOffer(offer, false, { ...CONTEXT, ...changes });
  return result.kind === "accepted" ? "accepted" : result.reason;
}

test("an offer signed by either of the keys is taken, with what was signed", () => {
  expect(verdict(offerOf(next))).toBe("accepted");
  expect(checkOffer(offerOf(key), false, CONTEXT)).toEqual({
    kind: "accepted",
    release: {
      version: "1.1.0",
      elfSha256: MANIFEST.elfSha256,
      sequence: 7,
      sizeBytes: 1_200_000,
      sha256: MANIFEST.sha256,
      url: "http://server.test/image.bin",
      force: false,
      source: expect.objectContaining({ version: "1.1.0" }),
    },
  });
});

const { elfSha256 } = MANIFEST;
const entry = { elfSha256, sequence: 7, installs: 1 } as const;

test.each<[string, Parameters<typeof offerOf>[1], Partial<OfferContext>]>([
  ["wrong_product", { product: "nestbox" }, {}],
  ["wrong_board", { board: "feeder-2" }, {}],
  ["wrong_chip", { chip: "esp32s3" }, {}],
  ["wrong_channel", { channel: "beta" }, {}],
  ["accepted", { channel: "stable" }, { channel: "alpha" }],
  ["manifest_expired", {}, { serverTimeMs: Date.UTC(2026, 7, 1) }],
  ["accepted", {}, { serverTimeMs: undefined }],
  ["manifest_expired", { expiresMs: Date.UTC(2025, 11, 31) }, { serverTimeMs: undefined }],
  ["sequence_too_low", { sequence: 5 }, {}],
  ["sequence_too_low", { sequence: 6 }, {}],
  ["accepted", { sequence: 6 }, { floor: { sequence: 6, elfSha256 } }],
  ["sequence_too_high", { sequence: 1_000_007 }, {}],
  ["sequence_too_high", { sequence: Number.MAX_SAFE_INTEGER }, {}],
  ["accepted", { sequence: 1_000_006 }, {}],
  ["below_minimum_version", { minimumVersion: "1.0.1" }, {}],
  [
    "below_minimum_version",
    { minimumVersion: "1.0.0" },
    { running: { ...CONTEXT.running, version: "1.0.0-rc.1" } },
  ],
  [
    "below_minimum_version",
    { minimumVersion: "0.0.1" },
    { running: { ...CONTEXT.running, version: "my own" } },
  ],
  ["accepted", { minimumVersion: "1.0.0" }, {}],
  ["already_running", { elfSha256: CONTEXT.running.elfSha256 }, {}],
  ["image_too_large", { size: 0x1b0001 }, {}],
  ["accepted", { size: 0x1b0000 }, {}],
  ["image_failed_before", {}, { ledger: [{ ...entry, verdict: "image" }] }],
  ["image_failed_before", { sequence: 8 }, { ledger: [{ ...entry, verdict: "image" }] }],
  ["accepted", {}, { ledger: [{ ...entry, verdict: "environment" }] }],
  ["awaits_new_signature", {}, { ledger: [{ ...entry, installs: 2, verdict: "environment" }] }],
  ["awaits_new_signature", {}, { ledger: [{ ...entry, installs: 2, verdict: "open" }] }],
  ["accepted", { sequence: 8 }, { ledger: [{ ...entry, installs: 2, verdict: "environment" }] }],
])("%s: signed %o, on a board with %o", (expected, signed, board) => {
  expect(verdict(offerOf(key, signed), board)).toBe(expected);
});

test.each<[string, () => OfferedManifest]>([
  ["unknown_key", () => offerOf(stranger)],
  ["bad_signature", () => offerOf({ ...stranger, kid: "first" })],
  ["manifest_unreadable", () => ({ ...offerOf(key), jws: "none" })],
  ["manifest_unreadable", () => ({ ...offerOf(key), jws: signJws(key, "{}") })],
  [
    "manifest_unreadable",
    () => ({ ...offerOf(key), jws: signJws(key, "{}", { alg: "none", kid: "first" }) }),
  ],
  ["offer_mismatch", () => ({ ...offerOf(key), sha256: sha256Hex("another image") })],
  ["offer_mismatch", () => ({ ...offerOf(key), version: "9.9.9" })],
  ["offer_mismatch", () => ({ ...offerOf(key), size: 1 })],
])("%s is refused", (expected, offer) => {
  expect(verdict(offer())).toBe(expected);
});

test("no change of a character in a signed manifest is accepted", () => {
  const { jws, ...rest } = offerOf(key);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
  fc.assert(
    fc.property(fc.nat(jws.length - 1), fc.constantFrom(...alphabet), (at, character) => {
      fc.pre(jws[at] !== character);
      const forged = jws.slice(0, at) + character + jws.slice(at + 1);
      expect(verdict({ ...rest, jws: forged })).not.toBe("accepted");
    }),
    { numRuns: 500 },
  );
});

test("an image without a signature is for development builds, and has to fit", () => {
  const { url, version, sha256, size } = offerOf(key);
  const image = { url, version, sha256, size };
  const developing = { ...CONTEXT, keys: trust([key], true) };
  expect(checkUnsigned(image, true, CONTEXT)).toEqual({ kind: "refused", reason: "unsigned" });
  expect(checkUnsigned(image, true, developing)).toMatchObject({
    kind: "accepted",
    release: { sequence: 0, elfSha256: "", force: true },
  });
  const large = { ...image, size: 0x1b0001 };
  expect(checkUnsigned(large, true, developing)).toMatchObject({ reason: "image_too_large" });
});

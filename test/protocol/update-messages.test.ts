import fc from "fast-check";
import { expect, test } from "vitest";
import {
  parseCheckUpdateAnswer,
  parseNonceAnswer,
  parseOfferedManifest,
  parseUpdateCommand,
} from "../../protocol/update-messages.ts";

const SHA256 = "a".repeat(64);
const IMAGE = { url: "http://server.test/a.bin", version: "1.2.0", sha256: SHA256, size: 1000 };
const OFFER = { jws: "a.b.c", ...IMAGE };
const TIME = "2026-05-01T12:00:00.000Z";
const TIME_MS = Date.UTC(2026, 4, 1, 12);

test("an offer is what it says, without what it says beside", () => {
  expect(parseOfferedManifest({ ...OFFER, more: 1 })).toEqual(OFFER);
});

test.each(Object.keys(OFFER))("an offer without %s is none", (field) => {
  expect(parseOfferedManifest({ ...OFFER, [field]: undefined })).toBeUndefined();
});

test.each([
  ["jws", 7],
  ["url", null],
  ["version", 1],
  ["sha256", SHA256.toUpperCase()],
  ["sha256", "a"],
  ["size", 0],
  ["size", -1],
  ["size", 1.5],
  ["size", "1000"],
  ["size", 2 ** 60],
])("an offer whose %s is %j is none", (field, value) => {
  expect(parseOfferedManifest({ ...OFFER, [field]: value })).toBeUndefined();
});

test.each([
  [{ action: "update" }, { action: "update", force: false }],
  [
    { action: "update", force: true },
    { action: "update", force: true },
  ],
  [
    { action: "update", force: "true" },
    { action: "update", force: false },
  ],
  [
    { action: "update", manifest: OFFER, force: true },
    { action: "update", manifest: OFFER, force: true },
  ],
  [{ action: "update", manifest: IMAGE }, undefined],
  [{ action: "update", manifest: null }, undefined],
  [{ action: "revert" }, { action: "revert", elfSha256: undefined }],
  [
    { action: "revert", elfSha256: SHA256 },
    { action: "revert", elfSha256: SHA256 },
  ],
  [{ action: "revert", elfSha256: "a" }, undefined],
  [{ action: "revert", elfSha256: null }, undefined],
  [{ action: "safe_mode", force: true }, { action: "safe_mode" }],
  [{ action: "restart" }, { action: "restart" }],
  [
    { ...IMAGE, staged: true, channel: "beta" },
    { action: "unsigned", image: IMAGE, force: false },
  ],
  [
    { ...IMAGE, force: true },
    { action: "unsigned", image: IMAGE, force: true },
  ],
  [{ ...IMAGE, size: 0 }, undefined],
  [{ action: "unsigned", ...IMAGE }, undefined],
  [{ action: "erase" }, undefined],
  [{ action: null, ...IMAGE }, undefined],
  [{}, undefined],
  [null, undefined],
  ["update", undefined],
  [[OFFER], undefined],
])("the command %j", (payload, command) => {
  expect(parseUpdateCommand(payload)).toEqual(command);
});

test.each<[object, object | undefined]>([
  [{ update_available: false, time: TIME }, {}],
  [{ update_available: false, time: TIME, manifest: OFFER }, {}],
  [{ update_available: true, time: TIME, manifest: OFFER }, { manifest: OFFER }],
  [{ update_available: false, time: TIME, nextCheckSeconds: 60 }, { nextCheckSeconds: 60 }],
  [{ update_available: false, time: TIME, nextCheckSeconds: 0 }, {}],
  [{ update_available: false, time: TIME, nextCheckSeconds: -60 }, {}],
  [{ update_available: false, time: TIME, nextCheckSeconds: "60" }, {}],
  [{ update_available: true, time: TIME }, undefined],
  [{ update_available: true, time: TIME, manifest: IMAGE }, undefined],
  [{ update_available: "no", time: TIME }, undefined],
  [{ update_available: false }, undefined],
  [{ update_available: false, time: "noon" }, undefined],
  [{ update_available: false, time: TIME_MS }, undefined],
])("the answer %j", (answer, told) => {
  const nothing = { manifest: undefined, nextCheckSeconds: undefined, timeMs: TIME_MS };
  const expected = told && { ...nothing, ...told };
  expect(parseCheckUpdateAnswer(JSON.stringify(answer))).toEqual(expected);
});

test.each([
  [{ nonce: "n-1", time: TIME }, TIME_MS],
  [{ nonce: "n-2", time: TIME }, undefined],
  [{ time: TIME }, undefined],
  [{ nonce: "n-1" }, undefined],
  [{ nonce: "n-1", time: "noon" }, undefined],
])("the answer %j to the heartbeat n-1", (answer, timeMs) => {
  expect(parseNonceAnswer(JSON.stringify(answer), "n-1")).toBe(timeMs);
});

test("whatever comes, the answer is a message or none", () => {
  const fields = fc.constantFrom("action", "manifest", "force", "url", "size", "time", "nonce");
  fc.assert(
    fc.property(fc.dictionary(fields, fc.jsonValue()), fc.string(), (payload, text) => {
      void parseUpdateCommand(payload);
      for (const body of [JSON.stringify(payload), text]) {
        void parseCheckUpdateAnswer(body);
        void parseNonceAnswer(body, "n-1");
      }
    }),
  );
});

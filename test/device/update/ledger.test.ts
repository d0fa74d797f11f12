import fc from "fast-check";
import { expect, test } from "vitest";
import {
  countInstall,
  type Ledger,
  noteRollback,
  parseLedger,
  putAside,
  refusalOf,
} from "../../../device/esp32/update/ledger.ts";
import { sha256Hex } from "./signed-offers.ts";

const build = (name: string, sequence = 1) => ({ elfSha256: sha256Hex(name), sequence });

test("the environment's fault is tried once more, and then under a new signature", () => {
  let ledger = noteRollback(countInstall([], build("b")), build("b"), "power_cut");
  expect(refusalOf(ledger, build("b"))).toBeUndefined();
  ledger = noteRollback(countInstall(ledger, build("b")), build("b"), "server_unreachable");
  expect(refusalOf(ledger, build("b"))).toBe("awaits_new_signature");
  expect(refusalOf(ledger, build("b", 2))).toBeUndefined();
  ledger = noteRollback(countInstall(ledger, build("b", 2)), build("b", 2), "power_cut");
  expect(refusalOf(ledger, build("b", 2))).toBeUndefined();
});

test("a verdict on the image stands, whatever is signed anew", () => {
  const ledger = noteRollback(countInstall([], build("b")), build("b"), "crash");
  expect(refusalOf(ledger, build("b", 99))).toBe("image_failed_before");
  expect(refusalOf(ledger, build("c"))).toBeUndefined();
});

test("what somebody reverted waits for a new signature", () => {
  const ledger = putAside([], build("b"));
  expect(refusalOf(ledger, build("b"))).toBe("awaits_new_signature");
  expect(refusalOf(ledger, build("b", 2))).toBeUndefined();
});

test("a full ledger forgets what says least: verdicts on images stay longest", () => {
  let ledger: Ledger = noteRollback([], build("bad"), "watchdog");
  for (let number = 0; number < 40; number++) {
    ledger = countInstall(ledger, build(`good ${number}`));
  }
  expect(refusalOf(ledger, build("bad"))).toBe("image_failed_before");
  expect(JSON.stringify(ledger).length).toBeLessThan(4_000);
});

test("what is stored is read again; what is no ledger is an empty one", () => {
  const ledger = countInstall(putAside([], build("a")), build("b"));
  expect(parseLedger(JSON.stringify(ledger))).toEqual(ledger);
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseLedger(text)).toEqual([]);
    }),
  );
});

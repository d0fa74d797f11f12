import { expect, test } from "vitest";
import type { JoinResult } from "../../../device/esp32/ports.ts";
import { changeNetwork } from "../../../device/esp32/provisioning/credentials.ts";

const NEW = { ssid: "shed", password: "birds-and-more" };

/** What NVS holds after a change whose trial ended so. */
function changed(result: JoinResult, entries: Record<string, string>) {
  const kept = new Map(Object.entries(entries));
  const told: JoinResult[] = [];
  const wifiSetup = {
    scan: () => {},
    join: (_: unknown, __: number, done: (result: JoinResult) => void) => done(result),
  };
  const store = {
    read: (key: string) => kept.get(key),
    write: (key: string, value: string) => void kept.set(key, value),
    delete: (key: string) => void kept.delete(key),
  };
  changeNetwork({ wifiSetup, store }, NEW, (end) => told.push(end));
  expect(told).toEqual([result]);
  return Object.fromEntries(kept);
}

const OLD = { ssid: "garden", password: "eight-or-more", bootCount: "7" };

test("a network that was joined takes the place of the old one, whatever form that had", () => {
  const joined = { kind: "joined" } as const;
  const stored = { bootCount: "7", wifi: JSON.stringify(NEW) };
  expect(changed(joined, OLD)).toEqual(stored);
  expect(changed(joined, { bootCount: "7", wifi: "anything" })).toEqual(stored);
});

test("one that could not be joined leaves no trace", () => {
  expect(changed({ kind: "failed", reason: "wrong_password" }, OLD)).toEqual(OLD);
});

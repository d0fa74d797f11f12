import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { compareSemVer, parseSemVer } from "../../protocol/semver.ts";
import { buildVersion } from "../../tools/build-version.ts";
import { manifestFaults } from "../../tools/device-check/manifest.ts";
import { setVersion } from "../../tools/set-version.ts";
import { ROOT } from "../tidy/source-tree.ts";

const NOON = new Date("2026-11-21T12:00:00.500Z");

test.each([
  ["v0.2.0", "1a2b3c4", "0.2.0-20261121120000.1a2b3c4"],
  ["0.1.0", "0123456", "0.1.0-20261121120000.g0123456"],
  ["v1.0.0-rc.1", "abcdef0", "1.0.0-20261121120000.abcdef0"],
  ["v10.20.300", "1a2b3c4", undefined],
  ["feeder-2", "1a2b3c4", undefined],
])("a build behind tag %s at commit %s is version %s", (tag, commit, version) => {
  expect(buildVersion(tag, NOON, commit)).toBe(version);
});

test("of two builds the later one has the higher version, and its release is higher than both", () => {
  const times = ["2026-11-21T12:00:00Z", "2026-11-21T12:00:01Z", "2027-01-01T00:00:00Z"];
  const builds = times.map((time) =>
    parseSemVer(buildVersion("v0.2.0", new Date(time), "0f00000") ?? ""),
  );
  const all = [...builds, parseSemVer("0.2.0")];
  for (const [index, version] of all.entries()) {
    const next = all[index + 1];
    if (version && next) expect(compareSemVer(version, next)).toBeLessThan(0);
    expect(version).toBeDefined();
  }
});

const PLACES = [
  "package.json",
  "package-lock.json",
  "manifest.json",
  "device/esp32/native/app_slots.c",
];

function copyOfPlaces(): string {
  const root = mkdtempSync(join(tmpdir(), "skyfeeder-version-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const file of PLACES) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(ROOT, file), join(root, file));
  }
  return root;
}

test("a version is given to every place that holds one", () => {
  const root = copyOfPlaces();
  expect(setVersion(root, "7.8.9-rc.1")).toEqual([]);
  const read = (file: string) => readFileSync(join(root, file), "utf8");
  expect(JSON.parse(read("package.json")).version).toBe("7.8.9-rc.1");
  const lock = JSON.parse(read("package-lock.json"));
  expect([lock.version, lock.packages[""].version]).toEqual(["7.8.9-rc.1", "7.8.9-rc.1"]);
  cpSync(join(ROOT, "device"), join(root, "device"), { recursive: true, force: false });
  expect(manifestFaults(root)).toEqual([]);
});

test("nothing is written where a place is missing", () => {
  const root = copyOfPlaces();
  writeFileSync(join(root, "manifest.json"), "{}");
  const before = readFileSync(join(root, "package.json"), "utf8");
  expect(setVersion(root, "7.8.9")).toEqual([
    'manifest.json: there is no version behind "firmwareVersion": "',
  ]);
  expect(readFileSync(join(root, "package.json"), "utf8")).toBe(before);
});

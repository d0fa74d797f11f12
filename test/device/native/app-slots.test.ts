import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAppDescription } from "../../../protocol/app-description.ts";
import { cProgram } from "./c-program.ts";

const ROOT = join(import.meta.dirname, "../../..");

function readJson<Shape>(path: string): Shape {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8")) as Shape;
}

const run = cProgram([
  "-Itest/device/native/esp-idf",
  "device/esp32/native/app_slots.c",
  "device/esp32/native/rtc_memory.c",
  "test/device/native/app-slots-driver.c",
  "test/device/native/hex-lines.c",
]);

test("the running slot has the number of its partition", () => {
  expect(run(["running"])).toEqual(["running 1"]);
});

test.each([
  ["new", "00", 0],
  ["pending", "01", 1],
  ["valid", "02", 2],
  ["invalid", "03", 3],
  ["aborted", "04", 4],
  ["undefined", "ff", -1],
])("otadata's state %s is answered as it is", (_name, state, answer) => {
  expect(run([`state ${state}`, "running_state"])).toEqual([`running_state ${answer}`]);
});

test("a slot that otadata does not name has no state", () => {
  expect(run(["other_state"])).toEqual(["other_state -1"]);
});

test("the image says what manifest.json and package.json say", () => {
  const [line = ""] = run(["running_description"]);
  const description = parseAppDescription(Buffer.from(line.replace("description ", ""), "hex"));
  const { product } = readJson<{ config: { product: string } }>("manifest.json").config;
  const { version } = readJson<{ version: string }>("package.json");
  expect(description).toMatchObject({ projectName: product, version, idfVersion: "v6.0.0" });
  expect(description?.date).toMatch(/^[A-Z][a-z]{2} [ \d]\d \d{4}$/);
  expect(description?.time).toMatch(/^\d\d:\d\d:\d\d$/);
  // esptool puts the ELF's hash there, and refuses to overwrite anything but zeros.
  expect(description?.elfSha256).toBe("0".repeat(64));
});

test("a slot without an image, and a buffer that is too short, get no description", () => {
  expect(run(["other_description", "short_description"])).toEqual([]);
});

test("after a fallback the running slot is selected and confirmed before the other is opened", () => {
  expect(run(["fallen_back", "open"])).toEqual([
    ...["boot next ota_1", "valid ota_1"],
    ...["begin ota_0", "abort ota_0", "open 0"],
  ]);
  expect(run(["fallen_back", "failing", "open"])).toEqual(["boot next ota_1", "open 5379"]);
});

test("opening the other slot begins an update of it that erases nothing, and gives it up again", () => {
  expect(run(["open"])).toEqual(["begin ota_0", "abort ota_0", "open 0"]);
});

test("what ESP-IDF refuses is refused with its error", () => {
  expect(run(["failing", "open", "select", "confirm", "reject"])).toEqual([
    ...["begin ota_0", "open 5379"],
    ...["boot next ota_0", "select 5379"],
    ...["valid ota_1", "confirm 5379"],
    ...["invalid ota_1", "reject 5379"],
  ]);
});

test("the other slot is selected, the running one judged", () => {
  expect(run(["select", "confirm", "reject"])).toEqual([
    ...["boot next ota_0", "select 0"],
    ...["valid ota_1", "confirm 0"],
    ...["invalid ota_1", "reject 0"],
  ]);
});

test("what is written to the retained memory is read from it, up to its 64 bytes", () => {
  expect(run(["write 0102030405"])).toEqual(["read 0102030405"]);
  expect(run([`write ${"ab".repeat(80)}`])).toEqual([`read ${"ab".repeat(64)}${"00".repeat(16)}`]);
});

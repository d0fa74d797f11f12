import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { miniCoreObjects } from "../../../tools/mini-build.ts";
import { describeCamera } from "./lock-step-camera.ts";

/** Copying and comparing bytes, which any C library has and none does with the heap. */
const MAY_NEED = [
  ..."memcpy memmove memset memcmp bcmp strlen strcmp strncmp strchr strcpy strncpy".split(" "),
  ..."strcasecmp strncasecmp __stack_chk_fail _GLOBAL_OFFSET_TABLE_".split(" "),
];

function symbolsOf(objects: readonly string[], option: string): string[] {
  const lines = execFileSync("nm", ["--format=posix", option, ...objects], { encoding: "utf8" });
  const names = lines.split("\n").filter((line) => !line.endsWith(":"));
  return names.map((line) => line.split(" ")[0] ?? "").filter((name) => name !== "");
}

const objects = miniCoreObjects();

describeCamera("the camera's core", () => {
  test("allocates nothing, throws nothing and knows no clock, file or socket", () => {
    expect(objects.length).toBeGreaterThan(20);
    const defined = new Set(symbolsOf(objects, "--defined-only"));
    const needed = symbolsOf(objects, "--undefined-only").filter((name) => !defined.has(name));
    expect([...new Set(needed)].filter((name) => !MAY_NEED.includes(name))).toEqual([]);
  });
});

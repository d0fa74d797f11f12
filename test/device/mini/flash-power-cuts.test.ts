/** What the board keeps in flash, compiled for this computer on a flash in memory. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildDriver } from "../../../tools/mini-build.ts";
import { describeCamera } from "./lock-step-camera.ts";

describeCamera("the board's flash", () => {
  test("loses no credentials and no count of starts, whenever power fails", () => {
    const build = buildDriver(join(import.meta.dirname, "flash-power-cuts.cpp"), [
      "boot_count.cpp",
      "kept_credentials.cpp",
      "src/frame_codec.c",
    ]);
    if (build.kind !== "built") throw new Error(JSON.stringify(build));
    const { status, stdout, stderr } = spawnSync(build.program, { encoding: "utf8" });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});

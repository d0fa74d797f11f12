import { expect, test } from "vitest";
import { complaintsAboutCore } from "../../../tools/mini-build.ts";
import { describeCamera } from "./lock-step-camera.ts";

describeCamera("the camera's core", () => {
  test("is C++11, as the board's package compiles it", { timeout: 60_000 }, () => {
    expect(complaintsAboutCore("gnu++11")).toBe("");
  });
});

/** The board's uploads by the sketch's own code, in virtual time: how long they take, what they touch afterwards. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseRecord } from "../../../protocol/json.ts";
import { buildDriver } from "../../../tools/mini-build.ts";
import { describeCamera } from "./lock-step-camera.ts";

/** As in UploadOutcome of mini/src/camera_hardware.hpp. */
const OUTCOME = { stored: 1, closed: 3, timeout: 4, connectFailed: 5, joinFailed: 6 } as const;
/** CLIP_BY_WIFI_MS of the feeder, less the way there and back. */
const FEEDER_MS = 55_000;
const CANCELLED_MS = 7_000;

function upload(scenario: string) {
  const build = buildDriver(join(import.meta.dirname, "board", "network-deadlines.cpp"), [
    "amb82_network.cpp",
    "background_job.cpp",
    "tcp_upload.cpp",
    "src/http_put.cpp",
    "src/http_url.cpp",
  ]);
  if (build.kind !== "built") throw new Error(JSON.stringify(build));
  const { stdout, stderr } = spawnSync(build.program, [scenario], { encoding: "utf8" });
  expect(stderr).toBe("");
  return parseRecord(stdout);
}

describeCamera("the board's upload", () => {
  test("stores a clip at the speed that was measured", () => {
    const stored = { outcome: OUTCOME.stored, status: 204, isReading: 0, isLeft: 1 };
    expect(upload("stored")).toMatchObject(stored);
  });

  test.each([
    ["no network", OUTCOME.joinFailed],
    ["a network that takes its time", OUTCOME.joinFailed],
    ["a network that hangs", OUTCOME.timeout],
    ["a server that is not there", OUTCOME.connectFailed],
    ["a server that takes nothing", OUTCOME.timeout],
    ["a server that takes little", OUTCOME.timeout],
    ["a server that says nothing", OUTCOME.timeout],
  ])("gives up %s before the feeder does, and leaves the network", (scenario, outcome) => {
    const over = upload(scenario);
    expect(over).toMatchObject({ outcome, sentLater: 0, isReading: 0, isLeft: 1 });
    expect(over?.overAtMs).toBeLessThan(FEEDER_MS);
  });

  test("looks for no server once nobody waits for the outcome", () => {
    expect(upload("a network that hangs")).toMatchObject({ isLookedUp: 0 });
    expect(upload("cancelled while it joins")).toMatchObject({ isLookedUp: 0 });
  });

  test("holds on to the bytes while a job that is late may read them", () => {
    expect(upload("a network that hangs")).toMatchObject({ wasReadingWhenOver: 1, isReading: 0 });
  });

  test.each([
    ["cancelled in the middle", 101],
    ["cancelled while it connects", 101],
    ["cancelled while it joins", 501],
  ])("%s is over within %i ms, and sends nothing more", (scenario, withinMs) => {
    const over = upload(scenario);
    expect(over).toMatchObject({ outcome: OUTCOME.closed, sentLater: 0, isReading: 0, isLeft: 1 });
    expect(over?.overAtMs).toBeGreaterThan(CANCELLED_MS);
    expect(over?.overAtMs).toBeLessThanOrEqual(CANCELLED_MS + withinMs);
  });
});

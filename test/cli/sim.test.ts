import { expect, test } from "vitest";
import { skyfeeder } from "./running-command.ts";

test("sim run update tells its steps, and the same seed tells them again", async () => {
  const runs = await Promise.all([
    skyfeeder("sim", "run", "update", "--json"),
    skyfeeder("sim", "run", "update", "--json", "--seed", "1"),
    skyfeeder("sim", "run", "update", "--json", "--seed", "2"),
  ]);
  const [first, again, other] = runs.map(({ stdout }) => JSON.parse(stdout));
  expect(first).toMatchObject({ from: "1.0.0", to: "1.1.0", imageBytes: 1_200_000, seed: 1 });
  expect(first.steps.at(-1)).toMatchObject({ status: "confirmed" });
  expect(first.refusals.map(({ result }: { result: string }) => result)).toEqual([
    "failed sha256_mismatch, runs 1.0.0",
    "failed size_mismatch, runs 1.0.0",
    "refused bad_signature, runs 1.0.0",
  ]);
  expect(again.traceHash).toBe(first.traceHash);
  expect(other.traceHash).not.toBe(first.traceHash);
}, 60_000);

test("sim sweep update prints what it counted, and lets the firmware finish where it is asked to", async () => {
  const args = ["--image-bytes", "300000", "--recover-every", "1000", "--json"];
  const { stdout, code } = await skyfeeder("sim", "sweep", "update", ...args);
  expect(code).toBe(0);
  const { points, bootable, recoveries, recovered, sequenceFell, wallMs } = JSON.parse(stdout);
  expect({ bootable, sequenceFell }).toEqual({ bootable: points, sequenceFell: 0 });
  expect(recoveries).toBe(recovered);
  expect(recovered).toBeGreaterThanOrEqual(8);
  expect(wallMs).toBeGreaterThan(0);
}, 60_000);

test.each([
  [["sim", "run", "bird"]],
  [["sim", "run", "update", "--seed", "none"]],
  [["sim", "sweep", "update", "--image-bytes", "5"]],
  [["sim", "sweep", "update", "--recover-every", "-1"]],
  [["sim"]],
])("%j is a wrong use", async (args) => {
  const { stdout, code } = await skyfeeder(...args, "--json");
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "usage" } });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Release } from "../../../device/esp32/update/release.ts";
import {
  stepUpdate,
  type UpdateEffect,
  type UpdateInput,
  type UpdateState,
} from "../../../device/esp32/update/update-state.ts";
import { MANIFEST } from "./signed-offers.ts";

const { version, elfSha256, sequence, size: sizeBytes, sha256 } = MANIFEST;
const url = "http://server.test/image.bin";
const source = { jws: "signed", url, size: sizeBytes, sha256, version };
const RELEASE: Release = {
  version,
  elfSha256,
  sequence,
  sizeBytes,
  sha256,
  url,
  force: false,
  source,
};
const OTHER: Release = { ...RELEASE, sha256: "other" };

function walk(inputs: readonly UpdateInput[], from: UpdateState = { kind: "idle" }) {
  const effects: UpdateEffect[] = [];
  const state = inputs.reduce<UpdateState>((before, input) => {
    const step = stepUpdate(before, input, 0.5);
    effects.push(...step.effects);
    return step.state;
  }, from);
  return { state, effects: effects.map(({ kind }) => kind) };
}

const OFFERED = { kind: "offered", release: RELEASE, fileOffsetBytes: 0 } as const;
const VERIFIED = [
  OFFERED,
  { kind: "quiet" },
  { kind: "downloaded" },
  { kind: "verified" },
] as const;

test("an update that goes well", () => {
  const inputs = [
    ...VERIFIED,
    { kind: "quiet" },
    { kind: "gated", failure: undefined },
    { kind: "staged" },
    { kind: "waited" },
  ] as const;
  expect(walk(inputs)).toEqual({
    state: { kind: "restarting", release: RELEASE },
    effects: [
      "await_quiet",
      "download",
      "verify",
      "await_quiet",
      "gate",
      "stage",
      "wait",
      "restart",
    ],
  });
  expect(walk([{ kind: "gated", failure: undefined }], { kind: "pending" })).toEqual({
    state: { kind: "confirmed" },
    effects: ["confirm"],
  });
});

test("whatever the gate lacks before the restart is waited for; a blocked release goes no further", () => {
  const gate = (failure: "server_unreachable" | "self_test_failed" | "release_blocked") =>
    walk([...VERIFIED, { kind: "quiet" }, { kind: "gated", failure }]);
  expect(gate("server_unreachable")).toMatchObject({ state: { kind: "verified" } });
  expect(gate("self_test_failed")).toMatchObject({ state: { kind: "verified" } });
  expect(gate("release_blocked").state).toEqual({ kind: "failed", reason: "release_blocked" });
});

test("the same image signed anew goes on where it was, another one starts anew", () => {
  const downloading = [
    OFFERED,
    { kind: "quiet" },
    { kind: "progress", fileOffsetBytes: 8_192 },
  ] as const;
  const resigned = { ...RELEASE, sequence: sequence + 1 };
  const again = walk([...downloading, { ...OFFERED, release: resigned }]);
  expect(again.state).toMatchObject({
    kind: "downloading",
    fileOffsetBytes: 8_192,
    release: resigned,
  });
  const other = walk([...downloading, { ...OFFERED, release: OTHER }]);
  expect(other.state).toMatchObject({ kind: "offered", release: OTHER });
});

test("waits after broken connections double to their bound, and a new byte makes them short again", () => {
  const downloading = {
    kind: "downloading",
    release: RELEASE,
    fileOffsetBytes: 0,
    failures: 0,
  } as const;
  const delays: number[] = [];
  let state: UpdateState = downloading;
  for (let failure = 0; failure < 12; failure++) {
    const step = stepUpdate(state, { kind: "broken" }, 1);
    state = step.state;
    for (const effect of step.effects) if (effect.kind === "wait") delays.push(effect.delayMs);
  }
  expect(delays.slice(0, 3)).toEqual([2_000, 4_000, 8_000]);
  expect(delays.at(-1)).toBe(600_000);
  state = stepUpdate(state, { kind: "progress", fileOffsetBytes: 4_096 }, 1).state;
  expect(stepUpdate(state, { kind: "broken" }, 1).effects).toEqual([
    { kind: "wait", delayMs: 2_000 },
  ]);
});

const input: fc.Arbitrary<UpdateInput> = fc.oneof(
  fc.record({
    kind: fc.constant("offered" as const),
    release: fc.constantFrom(RELEASE, OTHER),
    fileOffsetBytes: fc.nat(sizeBytes),
  }),
  fc.constantFrom<UpdateInput>(
    { kind: "withdrawn" },
    { kind: "quiet" },
    { kind: "progress", fileOffsetBytes: 4_096 },
    { kind: "broken" },
    { kind: "downloaded" },
    { kind: "failed", reason: "sha256_mismatch" },
    { kind: "waited" },
    { kind: "verified" },
    { kind: "gated", failure: undefined },
    { kind: "gated", failure: "server_unreachable" },
    { kind: "staged" },
  ),
);

test("nothing is staged that was not verified and gated, whatever comes in whatever order", () => {
  fc.assert(
    fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
      let state: UpdateState = { kind: "idle" };
      for (const next of inputs) {
        const step = stepUpdate(state, next, 0.5);
        for (const effect of step.effects) {
          if (effect.kind === "stage") {
            expect(state).toMatchObject({ kind: "verified", release: effect.release });
            expect(next).toEqual({ kind: "gated", failure: undefined });
          }
          if (effect.kind === "restart") expect(state.kind).toBe("staged");
          expect(["confirm", "reject"]).not.toContain(effect.kind);
        }
        state = step.state;
      }
    }),
  );
});

test("on trial only the gate decides", () => {
  fc.assert(
    fc.property(fc.array(input, { maxLength: 20 }), (inputs) => {
      const ungated = inputs.filter(({ kind }) => kind !== "gated");
      expect(walk(ungated, { kind: "pending" })).toEqual({
        state: { kind: "pending" },
        effects: [],
      });
    }),
  );
});

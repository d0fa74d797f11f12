import fc from "fast-check";
import { expect, test } from "vitest";
import { createUpdateWorld, imageOf, SIGNING_KEYS } from "../../cli/sim/update-world.ts";
import { formatUpdateManifest } from "../../protocol/update-manifest.ts";
import { signJws } from "../device/update/signed-offers.ts";
import { ranged, trueManifest } from "./attacker.ts";
import { firmware, MINUTE_MS, OLD } from "./updates.ts";

/** Builds of every kind, each signed once. */
const BUILDS = [
  { version: "1.1.0", sequence: 1, image: imageOf(await firmware("1.1.0")) },
  {
    version: "1.2.0",
    sequence: 2,
    image: imageOf(await firmware("1.2.0", { prelude: "throw new Error('bad')" })),
  },
  {
    version: "1.3.0",
    sequence: 3,
    image: imageOf(await firmware("1.3.0", { prelude: "__board.call('processor.hang', [])" })),
  },
  { version: "1.4.0", sequence: 4, image: imageOf(await firmware("1.4.0")) },
].map((build) => {
  const manifest = { ...trueManifest(build.image), sequence: build.sequence };
  const { version, size, sha256 } = manifest;
  const jws = signJws(SIGNING_KEYS[0], formatUpdateManifest(manifest));
  const url = `http://server.test/${build.version}.bin`;
  return { ...build, offer: { jws, url, version, size, sha256 } };
});

const answer = fc.oneof(
  { weight: 4, arbitrary: fc.nat(BUILDS.length - 1) },
  { weight: 1, arbitrary: fc.constantFrom("none", "error", "silence") },
);
const plan = fc.record({
  /** What the server says, one after the other, to each question. */
  answers: fc.array(answer, { minLength: 1, maxLength: 12 }),
  /** How often it answers otherwise than by the image it was asked for. */
  wrongImage: fc.constantFrom(0, 0, 0.3),
  cutsAfterMs: fc.array(fc.integer({ min: 1_000, max: 20 * MINUTE_MS }), { maxLength: 8 }),
  seed: fc.nat(1_000),
});

test("no build is started more than twice, whatever the server answers and whenever the power goes", async () => {
  let staged = 0;
  await fc.assert(
    fc.asyncProperty(plan, async ({ answers, wrongImage, cutsAfterMs, seed }) => {
      const system = await createUpdateWorld({
        seed,
        firmware: await firmware(OLD),
        bugsAreFatal: false,
      });
      const { world, board, path } = system;
      const chance = world.random("server's mood");
      let asked = 0;
      path.tamper = (honest, request) => {
        const { pathname } = new URL(request.url);
        const build = BUILDS.find(({ version }) => pathname.includes(version));
        if (pathname.endsWith(".bin") && build !== undefined) {
          const served = chance() < wrongImage ? (BUILDS[0] ?? build) : build;
          return ranged(served.image)(request);
        }
        if (pathname.endsWith("/manifest") && build !== undefined)
          return Response.json(build.offer);
        if (!pathname.endsWith("/check-update")) return honest;
        const said = answers[asked++ % answers.length] ?? "none";
        if (said === "error") return new Response("{}", { status: 500 });
        const time = new Date(world.wallClockMs()).toISOString();
        const manifest = typeof said === "number" ? BUILDS[said]?.offer : undefined;
        return Response.json({
          update_available: manifest !== undefined,
          manifest,
          time,
          nextCheckSeconds: 60,
        });
      };
      board.powerOn();
      let atMs = 0;
      for (const afterMs of cutsAfterMs) {
        atMs += afterMs;
        await world.run(atMs);
        board.powerOff();
        board.powerOn();
      }
      await world.run(atMs + 120 * MINUTE_MS);
      for (const { version } of BUILDS) {
        const installs = system.log.filter((line) => line.includes(`update: ${version} staged`));
        expect(installs.length).toBeLessThanOrEqual(2);
        staged += installs.length;
      }
    }),
    { numRuns: 20 },
  );
  expect(staged).toBeGreaterThan(20);
}, 180_000);

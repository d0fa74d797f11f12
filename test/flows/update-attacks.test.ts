/** The goals of TUF and the threats of SUIT (RFC 9124) that a feeder can meet; docs/update.md has the table. */
import { expect, test } from "vitest";
import {
  createUpdateWorld,
  imageOf,
  SIGNING_KEYS,
  type UpdateWorld,
} from "../../cli/sim/update-world.ts";
import { readPartitions } from "../../host-sim/board/bootloader.ts";
import { makeSigningKey, readSigningKey } from "../../server-min/firmware/signing-key.ts";
import { sha256Hex, signJws } from "../device/update/signed-offers.ts";
import { type Attack, ranged, take, trueManifest } from "./attacker.ts";
import { firmware, HOUR_MS, NEW, OLD, offeredUpdate, results, runs, until } from "./updates.ts";

const [KEY, SECOND_KEY] = SIGNING_KEYS;
async function attacked(attack: Attack, hours = 3): Promise<UpdateWorld> {
  const system = await createUpdateWorld({ seed: 1, firmware: await firmware(OLD) });
  take(system, attack);
  system.board.powerOn();
  await system.world.run(hours * HOUR_MS);
  expect(await runs(system, OLD)).toBe(true);
  return system;
}

/** Erases and programs of the slot that does not run. */
function slotOperations({ board }: UpdateWorld): number {
  const slot = readPartitions(board.flash).find(({ label }) => label === "ota_1");
  const first = (slot?.offsetBytes ?? 0) / 4096;
  const sectors = Array.from({ length: (slot?.sizeBytes ?? 0) / 4096 }, (_, at) => first + at);
  return sectors.reduce((sum, sector) => {
    const { erases, programs } = board.flash.wear(sector);
    return sum + erases + programs;
  }, 0);
}

const image = imageOf(await firmware(NEW));
const stranger = readSigningKey(makeSigningKey());
const expired = { issuedMs: Date.UTC(2026, 3, 1), expiresMs: Date.UTC(2026, 4, 1) };

test("what the attacks below change is what stops them: without it the image is taken", async () => {
  const system = await createUpdateWorld({ seed: 1, firmware: await firmware(OLD) });
  take(system, { image, serve: ranged(image) });
  system.board.powerOn();
  expect(await until(system, () => runs(system, NEW))).toBe(true);
});

test.each<[string, string, Attack]>([
  [
    "TUF arbitrary software: signed by nobody we know",
    "unknown_key",
    { image, sign: (payload) => signJws(stranger ?? KEY, payload) },
  ],
  [
    "TUF arbitrary software: signed by somebody under our key's name",
    "bad_signature",
    { image, sign: (payload) => signJws({ ...(stranger ?? KEY), kid: KEY.kid }, payload) },
  ],
  [
    "SUIT unauthenticated image: a manifest with alg none",
    "manifest_unreadable",
    { image, sign: (payload) => signJws(KEY, payload, { alg: "none", kid: KEY.kid }) },
  ],
  ["TUF freeze: an old manifest for ever", "manifest_expired", { image, claims: expired }],
  [
    "TUF fast-forward: the last sequence there is",
    "sequence_too_high",
    { image, claims: { sequence: Number.MAX_SAFE_INTEGER } },
  ],
  [
    "TUF wrong software: another product's",
    "wrong_product",
    { image, claims: { product: "nestbox" } },
  ],
  ["SUIT incompatible: another board's", "wrong_board", { image, claims: { board: "feeder-2" } }],
  ["SUIT incompatible: another chip's", "wrong_chip", { image, claims: { chip: "esp32c3" } }],
  [
    "SUIT wrong precursor: it must be installed over a later version",
    "below_minimum_version",
    { image, claims: { minimumVersion: "1.0.9" } },
  ],
  [
    "TUF mix-and-match: a signed manifest beside another image's hash",
    "offer_mismatch",
    { image, beside: { sha256: sha256Hex("another") } },
  ],
  [
    "SUIT too large: more than the other slot",
    "image_too_large",
    { image, claims: { size: 0x1b0001 } },
  ],
])("%s: %s, and no flash is touched", async (_what, reason, attack) => {
  const system = await attacked(attack);
  expect(results(system)).toEqual([`refused ${reason}`]);
  expect(slotOperations(system)).toBe(0);
});

test("TUF rollback: an older signed release, once a newer one was accepted", async () => {
  const system = await offeredUpdate();
  const { server, board, world } = system;
  await server.ask(`/v1/releases/${NEW}/resign`, { method: "POST", body: "{}" });
  board.powerOn();
  await until(system, () => runs(system, NEW));
  take(system, { image: imageOf(await firmware("1.0.5")), claims: { sequence: 1 } });
  await world.run(world.nowMs + HOUR_MS);
  expect(results(system)).toEqual(["confirmed", "refused sequence_too_low"]);
});

function endless(): Response {
  const piece = new Uint8Array(65_536);
  let left = 30;
  const body = new ReadableStream({
    pull: (controller) => (left-- > 0 ? controller.enqueue(piece) : controller.close()),
  });
  return new Response(body);
}

const short = image.slice(0, -100);
const long = new Uint8Array([...image, ...new Uint8Array(100)]);
const forged = image.map((byte, at) => (at === 5_000 ? byte ^ 1 : byte));
const notAnImage = new Uint8Array(20_000).fill(0x5a);
const other = imageOf(await firmware("1.1.0", { config: { batteryPin: "35" } }));

test.each<[string, string, Attack]>([
  ["TUF endless data", "size_mismatch", { image, serve: endless }],
  ["SUIT truncated", "size_mismatch", { image, serve: () => new Response(short) }],
  ["SUIT trailing data", "size_mismatch", { image, serve: () => new Response(long) }],
  ["SUIT altered on its way", "sha256_mismatch", { image, serve: () => new Response(forged) }],
  ["SUIT format: signed, and no image", "image_invalid", { image: notAnImage }],
  [
    "TUF mix-and-match: signed hash of one build, name of another",
    "image_mismatch",
    { image: other, claims: { elfSha256: trueManifest(image).elfSha256 } },
  ],
  [
    "SUIT redirect",
    "download_refused",
    {
      image,
      serve: () => new Response(null, { status: 302, headers: { location: "http://evil.test/" } }),
    },
  ],
])("%s: %s, less and less often, and the old image runs on", async (_what, reason, attack) => {
  const system = await attacked(attack);
  const ends = results(system);
  // Every ten minutes it would be 18.
  expect(ends.length).toBeLessThanOrEqual(5);
  expect(new Set(ends.filter((end) => end.startsWith("failed")))).toEqual(
    new Set([`failed ${reason}`]),
  );
  expect(ends.filter((end) => !end.startsWith("failed")).join()).toMatch(
    /^(refused image_failed_before)?$/,
  );
});

test("SUIT TOCTOU: flash that changes between the check and the selection is checked again with it", async () => {
  const system = await offeredUpdate();
  const { board, world } = system;
  board.powerOn();
  const slot = readPartitions(board.flash).find(({ label }) => label === "ota_1");
  const isVerified = () => system.stages().some(({ status }) => status === "verified");
  while (!isVerified()) await world.run(world.nowMs + 10);
  board.flash.program((slot?.offsetBytes ?? 0) + 100_000, new Uint8Array(64));
  await until(system, () => runs(system, NEW));
  expect(results(system)).toEqual(["failed sha256_mismatch", "confirmed"]);
});

test("TUF key compromise: a release signed by the second key takes the first one's trust away", async () => {
  const third = readSigningKey(makeSigningKey());
  const updateKeys = `${SECOND_KEY.firmwareKey} ${third?.firmwareKey}`;
  const rotated = imageOf(await firmware(NEW, { config: { updateKeys } }));
  const system = await offeredUpdate({ signingKey: SECOND_KEY }, rotated);
  system.board.powerOn();
  expect(await until(system, () => runs(system, NEW))).toBe(true);
  take(system, { image: imageOf(await firmware("1.2.0")), claims: { sequence: 9 } });
  await system.world.run(system.world.nowMs + HOUR_MS);
  expect(results(system)).toEqual(["confirmed", "refused unknown_key"]);
});

test("TUF extraneous dependencies: a manifest names one image, and whatever else it says is not read", async () => {
  const system = await createUpdateWorld({ seed: 1, firmware: await firmware(OLD) });
  const dependencies = [{ url: "http://evil.test/more.bin" }];
  const sign = (payload: string) =>
    signJws(KEY, JSON.stringify({ ...JSON.parse(payload), dependencies }));
  take(system, { image, claims: { notes: "" }, sign, serve: ranged(image) });
  const asked: string[] = [];
  const { tamper } = system.path;
  system.path.tamper = (answer, request) => {
    asked.push(new URL(request.url).host);
    return tamper(answer, request);
  };
  system.board.powerOn();
  expect(await until(system, () => runs(system, NEW))).toBe(true);
  expect(new Set(asked)).toEqual(new Set(["server.test"]));
});

/** What the gate and the poll look at, one lie at a time. */
import { expect, test } from "vitest";
import { imageOf, SIGNING_KEYS, type UpdateWorld } from "../../cli/sim/update-world.ts";
import { formatUpdateManifest } from "../../protocol/update-manifest.ts";
import { signJws } from "../device/update/signed-offers.ts";
import { trueManifest } from "./attacker.ts";
import {
  firmware,
  HOUR_MS,
  MINUTE_MS,
  NEW,
  offeredUpdate,
  results,
  runs,
  until,
} from "./updates.ts";

/** Lied to for two hours it stays verified; then it goes on. */
async function waitsOut(system: UpdateWorld): Promise<void> {
  system.board.powerOn();
  await system.world.run(2 * HOUR_MS);
  expect(system.stages().at(-1)?.status).toBe("verified");
  system.path.intercept = () => undefined;
  expect(await until(system, () => runs(system, NEW))).toBe(true);
}

test("a signed manifest of another build is not its own", async () => {
  const system = await offeredUpdate();
  const manifest = trueManifest(imageOf(await firmware("1.2.0")));
  const { version, size, sha256 } = manifest;
  const jws = signJws(SIGNING_KEYS[0], formatUpdateManifest(manifest));
  const offer = { jws, url: "http://server.test/image.bin", version, size, sha256 };
  system.path.intercept = ({ url }) =>
    url.endsWith("/manifest") ? Response.json(offer) : undefined;
  await waitsOut(system);
});

test("a piece of another image is not a piece of its release", async () => {
  const system = await offeredUpdate();
  system.path.intercept = ({ headers }) =>
    headers.get("range") === "bytes=0-1023"
      ? new Response(new Uint8Array(1024), { status: 206 })
      : undefined;
  await waitsOut(system);
});

test("a manifest that expires while the image waits for its hour is not installed", async () => {
  const system = await offeredUpdate({ nvs: { "skyfeeder/updateWindow": "03:00-03:01" } });
  const { world, board, path } = system;
  let aheadMs = 0;
  path.tamper = async (answer, { url }) => {
    if (!url.endsWith("/heartbeat") && !url.endsWith("/check-update")) return answer;
    const body = (await answer.json()) as { time: string };
    const time = new Date(Date.parse(body.time) + aheadMs).toISOString();
    return Response.json({ ...body, time });
  };
  board.powerOn();
  await world.run(3 * HOUR_MS);
  aheadMs = 60 * 24 * HOUR_MS;
  await world.run(30 * HOUR_MS);
  expect(results(system)).toContain("refused manifest_expired");
  expect(await runs(system, NEW)).toBe(false);
});

function countPolls({ path }: UpdateWorld): () => number {
  let count = 0;
  const before = path.intercept;
  path.intercept = (request) => {
    if (request.url.endsWith("/check-update")) count++;
    return before(request);
  };
  return () => count;
}

test("the interval a server has told holds also while it does not answer", async () => {
  const system = await offeredUpdate();
  const { world, board, path } = system;
  path.tamper = async (answer, { url }) =>
    url.endsWith("/check-update")
      ? Response.json({ ...((await answer.json()) as object), nextCheckSeconds: 60 })
      : answer;
  board.powerOn();
  await until(system, () => runs(system, NEW));
  await world.run(world.nowMs + 5 * MINUTE_MS);
  path.intercept = () => new Response(null, { status: 503 });
  const polls = countPolls(system);
  await world.run(world.nowMs + 20 * MINUTE_MS);
  expect(polls()).toBeGreaterThanOrEqual(17);
});

test("a poll that fell into a time without network comes soon after it", async () => {
  const system = await offeredUpdate();
  const { world, board } = system;
  board.radio.setInReach(false);
  board.powerOn();
  await world.run(3 * MINUTE_MS);
  board.radio.setInReach(true);
  const polls = countPolls(system);
  await world.run(5 * MINUTE_MS);
  expect(polls()).toBeGreaterThanOrEqual(1);
});

import { expect, test } from "vitest";
import { createUpdateWorld, imageOf, SIGNING_KEYS } from "../../cli/sim/update-world.ts";
import { readPartitions } from "../../host-sim/board/bootloader.ts";
import { SECTOR_BYTES } from "../../host-sim/board/flash.ts";
import {
  firmware,
  HOUR_MS,
  MINUTE_MS,
  NEW,
  OLD,
  offeredUpdate,
  results,
  runs,
  until,
} from "./updates.ts";

test("A becomes B: downloaded, tried, confirmed, and it is B's code that answers", async () => {
  const b = await firmware(NEW);
  const greeting = b.javascript.replace(" boot ${", " of the second edition, boot ${");
  expect(greeting).not.toBe(b.javascript);
  const system = await offeredUpdate({}, imageOf({ ...b, javascript: greeting }));
  system.board.powerOn();
  expect(await until(system, () => runs(system, NEW), 5 * MINUTE_MS)).toBe(true);
  expect(system.log.join("")).toContain("dev1 1.1.0 of the second edition, boot 2");
  const seen = system.stages().map(({ status }) => status);
  expect(seen.filter((status, index) => status !== seen[index - 1])).toEqual([
    "offered",
    "downloading",
    "verified",
    "staged",
    "pending",
    "confirmed",
  ]);
  const { ledger: _ledger, ...told } = await system.status();
  expect(told).toMatchObject({ version: NEW, confirmed: true, slot: 1, bootCount: 2 });
});

test("every byte of the image is programmed once, every sector erased once", async () => {
  const image = imageOf(await firmware(NEW));
  const system = await offeredUpdate({}, image);
  system.board.powerOn();
  await until(system, () => runs(system, NEW));
  const slot = readPartitions(system.board.flash).find(({ label }) => label === "ota_1");
  const first = (slot?.offsetBytes ?? 0) / SECTOR_BYTES;
  const sectors = Array.from({ length: Math.ceil(image.length / SECTOR_BYTES) }, (_, at) =>
    system.board.flash.wear(first + at),
  );
  expect(sectors.map(({ erases }) => erases)).toEqual(sectors.map(() => 1));
  const programmed = sectors.reduce((sum, { bytesProgrammed }) => sum + bytesProgrammed, 0);
  expect(programmed).toBe(image.length);
});

test("the feeder works on while it downloads: a bird is photographed, and the restart waits for it", async () => {
  const system = await offeredUpdate({}, imageOf(await firmware(NEW), 1_200_000));
  const { world, board } = system;
  board.powerOn();
  const isDownloading = () => system.stages().some(({ status }) => status === "downloading");
  expect(await until(system, isDownloading)).toBe(true);
  board.visit(20_000, 120);
  await until(system, () => runs(system, NEW));
  await world.run(world.nowMs + MINUTE_MS);
  const photos = system.heard.filter(({ message }) => message.type === "event.photo");
  expect(photos.length).toBeGreaterThan(0);
  expect(results(system)).toEqual(["confirmed"]);
});

test("an older build signed anew is an update like any other", async () => {
  const system = await offeredUpdate();
  const { board, publish, server } = system;
  board.powerOn();
  await until(system, () => runs(system, NEW));
  // What the first board left the desk with was never published; now it is.
  expect((await publish(imageOf(await firmware(OLD)))).status).toBe(201);
  const blocked = await server.ask(`/v1/releases/${NEW}/block`, { method: "POST", body: "{}" });
  expect(blocked.status).toBe(200);
  expect(await until(system, () => runs(system, OLD), HOUR_MS)).toBe(true);
  expect(results(system)).toEqual(["confirmed", "confirmed"]);
});

test("by command it happens at once, and back without a download", async () => {
  const system = await offeredUpdate();
  const { world, board, command, stages } = system;
  board.powerOn();
  await world.run(10_000);
  expect((await command({ action: "update", version: NEW })).body).toMatchObject({
    delivered: true,
  });
  expect(await until(system, () => runs(system, NEW), 2 * MINUTE_MS)).toBe(true);
  const downloads = () => stages().filter(({ status }) => status === "downloading").length;
  const before = downloads();
  expect((await command({ action: "revert" })).status).toBe(202);
  expect(await until(system, () => runs(system, OLD), 5 * MINUTE_MS)).toBe(true);
  expect(downloads()).toBe(before);
  // It was put aside: nobody offers it again before it is signed anew.
  await world.run(world.nowMs + HOUR_MS);
  expect(await runs(system, OLD)).toBe(true);
  await system.server.ask(`/v1/releases/${NEW}/resign`, { method: "POST", body: "{}" });
  expect(await until(system, () => runs(system, NEW), HOUR_MS)).toBe(true);
});

test("a revert to what the other slot does not hold is refused", async () => {
  const system = await offeredUpdate();
  const { world, board, command } = system;
  board.powerOn();
  await until(system, () => runs(system, NEW));
  await command({ action: "revert", elfSha256: "0".repeat(64) });
  await world.run(world.nowMs + MINUTE_MS);
  expect(results(system)).toEqual(["confirmed", "refused no_other_image"]);
  expect(await runs(system, NEW)).toBe(true);
});

test("restart and safe mode by command; safe mode keeps the network and the update", async () => {
  const system = await createUpdateWorld({ seed: 1, firmware: await firmware(OLD) });
  const { world, board, command, status, publish } = system;
  board.powerOn();
  await world.run(MINUTE_MS);
  await command({ action: "restart" });
  await world.run(2 * MINUTE_MS);
  expect(await status()).toMatchObject({ bootCount: 2, safeMode: null });
  await command({ action: "safe_mode" });
  await world.run(3 * MINUTE_MS);
  expect(await status()).toMatchObject({ bootCount: 3, safeMode: "commanded" });
  board.visit(8_000, 120);
  await world.run(5 * MINUTE_MS);
  expect(system.heard.filter(({ message }) => message.type === "event.visit")).toEqual([]);
  board.powerOff();
  board.powerOn();
  await publish(imageOf(await firmware(NEW)));
  expect(await until(system, () => runs(system, NEW))).toBe(true);
  await world.run(world.nowMs + 2 * MINUTE_MS);
  expect(await status()).toMatchObject({ safeMode: null });
  board.visit(8_000, 120);
  await world.run(world.nowMs + MINUTE_MS);
  expect(system.heard.filter(({ message }) => message.type === "event.visit")).toHaveLength(1);
});

test("of orders that wait for a bird to leave the newest is obeyed, however many there were", async () => {
  const system = await createUpdateWorld({ seed: 1, firmware: await firmware(OLD) });
  const { world, board, command, status, log } = system;
  board.powerOn();
  await world.run(MINUTE_MS);
  board.visit(30_000, 120);
  await world.run(world.nowMs + 5_000);
  for (let order = 1; order <= 20; order++) {
    await command({ action: "safe_mode" });
    await world.run(world.nowMs + 500);
  }
  await command({ action: "restart" });
  await world.run(world.nowMs + 3 * MINUTE_MS);
  expect(log.join("")).not.toContain("in safe mode");
  expect(await status()).toMatchObject({ bootCount: 2, safeMode: null });
});

test("a development build takes the first stack's command; any other refuses it as unsigned", async () => {
  const image = imageOf(await firmware(NEW));
  const developmentKey = SIGNING_KEYS[0].firmwareKey;
  const developing = await firmware(OLD, { config: { developmentKey } });
  for (const [running, expected] of [
    [developing, ["confirmed"]],
    [await firmware(OLD), ["refused unsigned"]],
  ] as const) {
    const system = await createUpdateWorld({ seed: 1, firmware: running });
    const { world, board, server, path } = system;
    path.tamper = (answer, { url }) =>
      url.endsWith("/first-stack.bin") ? new Response(image) : answer;
    board.powerOn();
    await world.run(MINUTE_MS);
    const { createHash } = await import("node:crypto");
    const sha256 = createHash("sha256").update(image).digest("hex");
    const url = "http://server.test/first-stack.bin";
    const payload = { version: NEW, url, size: image.length, sha256, staged: true };
    server.rooms.publish("dev1", { type: "cmd.ota", payload });
    await world.run(10 * MINUTE_MS);
    expect(results(system)).toEqual(expected);
  }
});

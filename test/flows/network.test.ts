import { expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, startSystem } from "./system.ts";

type System = Awaited<ReturnType<typeof startSystem>>;

async function expectAllStored(system: System): Promise<void> {
  const { events } = await system.dayIndex();
  expect(events.map(({ sha256 }) => sha256)).toEqual(system.taken);
}

test("a photo taken while the Wi-Fi is away spends no attempt and is stored as soon as it is back", async () => {
  const system = await startSystem();
  const { world, feeder } = system;
  world.after(MINUTE_MS, () => feeder.radio.setInReach(false));
  world.after(2 * MINUTE_MS, () => feeder.visit(8_000, 120));
  await world.run(9 * MINUTE_MS);
  feeder.radio.setInReach(true);
  await world.run(11 * MINUTE_MS);
  await expectAllStored(system);
  const attempts = system.heard.filter(
    ({ message }) => (message.payload as { status?: string })?.status === "uploading",
  );
  expect(attempts).toHaveLength(1);
});

test("Wi-Fi lost at any moment of an upload loses and doubles nothing", async () => {
  for (let lostMs = 0; lostMs < 1_500; lostMs += 75) {
    let lose: (() => void) | undefined;
    const system = await startSystem({
      watchTrace: (line) => {
        if (!line.includes("POST /v1/presign/put")) return;
        lose?.();
        lose = undefined;
      },
    });
    const { world, feeder } = system;
    lose = () => {
      world.after(lostMs, () => feeder.radio.setInReach(false));
      world.after(lostMs + MINUTE_MS, () => feeder.radio.setInReach(true));
    };
    world.after(MINUTE_MS, () => feeder.visit(8_000, 120));
    await world.run(20 * MINUTE_MS);
    expect(system.taken).toHaveLength(1);
    await expectAllStored(system);
  }
});

test("after two days without an access point the feeder joins again", async () => {
  const system = await startSystem();
  const { world, feeder } = system;
  world.after(MINUTE_MS, () => feeder.radio.setInReach(false));
  await world.run(47 * HOUR_MS);
  feeder.radio.setInReach(true);
  await world.run(48 * HOUR_MS);
  const last = system.heard.findLast(({ message }) => message.type === "event.heartbeat");
  expect(last?.atMs).toBeGreaterThan(48 * HOUR_MS - 2 * MINUTE_MS);
});

test("a server that says goodbye at any moment of a visit loses nothing", async () => {
  const system = await startSystem();
  const { world, feeder, server } = system;
  const visits = 40;
  for (let visit = 0; visit < visits; visit++) {
    const atMs = (2 + 2 * visit) * MINUTE_MS;
    world.after(atMs, () => feeder.visit(8_000, 120));
    for (const delayMs of [500, 6_000, 7_000]) {
      world.after(atMs + delayMs + 25 * visit, () => server.rooms.closeAll(1001, "server_closing"));
    }
  }
  await world.run((4 + 2 * visits) * MINUTE_MS);
  expect(system.taken).toHaveLength(visits);
  await expectAllStored(system);
});

test.each([2 ** 31 - 90_000, 2 ** 32 - 90_000])(
  "a tick counter that wraps from %i on disturbs nothing",
  async (ticksAtStart) => {
    const system = await startSystem({ ticksAtStart });
    const { world, feeder } = system;
    for (const atMs of [60_000, 88_000, 120_000]) world.after(atMs, () => feeder.visit(8_000, 120));
    await world.run(5 * MINUTE_MS);
    await expectAllStored(system);
    expect(system.taken).toHaveLength(3);
    const beats = system.heard.filter(({ message }) => message.type === "event.heartbeat");
    expect(beats).toHaveLength(5);
  },
);

test("a flash that takes no more writes brings safe mode: the feeder stays to be talked to", async () => {
  const system = await startSystem();
  const { world, feeder } = system;
  world.after(MINUTE_MS, () => {
    feeder.flash.wornOutAt = feeder.flash.operations + 4;
    feeder.visit(8_000, 120);
  });
  await world.run(3 * MINUTE_MS);
  expect(system.log.join("")).toContain("dev1 0.1.0 boot 2 in safe mode: flash_failed");
  const beats = system.heard.filter(({ message }) => message.type === "event.heartbeat");
  expect(beats.at(-1)?.message.payload).toMatchObject({ safeMode: "flash_failed" });
});

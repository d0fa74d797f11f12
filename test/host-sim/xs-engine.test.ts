import { expect, test, vi } from "vitest";
import { imageOf as imageOfFirmware } from "../../cli/sim/update-world.ts";
import type { Engine } from "../../host-sim/engines/guest-port.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { randomStream } from "../../host-sim/random.ts";
import { MINUTE_MS, startSystem } from "../flows/system.ts";
import { firmware, NEW, offeredUpdate, results, runs, until } from "../flows/updates.ts";
import { engines, xs } from "./both-engines.ts";
import { startSmall } from "./small-firmware.ts";

/** Two runs of the whole system, the first of which draws its pictures. */
vi.setConfig({ testTimeout: 120_000 });

const onXs = test.skipIf(xs === undefined);

/** What a run left behind, which must not depend on who ran the firmware. */
type Story = (engine: Engine) => Promise<unknown>;

async function expectSame(story: Story): Promise<void> {
  if (xs === undefined) throw new Error("not built");
  const onNode = await story(nodeEngine);
  expect(await story(xs)).toEqual(onNode);
}

/** Three birds under a noisy line; clips go by the camera's Wi-Fi and through the feeder. */
async function startBusy(seed: number, engine: Engine) {
  const system = await startSystem({ seed, engine, clips: true });
  const { world, feeder } = system;
  feeder.uartFaults.bitErrorRate = 1e-5;
  for (const minute of [1, 2, 8]) {
    world.after(minute * MINUTE_MS, () => feeder.visit(8_000, 120));
  }
  return system;
}

onXs.for([1, 2, 3])("visits under noise, seed %i: the same trace on both engines", (seed) =>
  expectSame(async (engine) => {
    const { world, taken, log, stored } = await startBusy(seed, engine);
    await world.run(12 * MINUTE_MS);
    expect(taken.length).toBeGreaterThan(2);
    expect(await stored("photos")).toHaveLength(taken.length);
    return { hash: world.trace.hash(), events: world.events, log };
  }),
);

onXs.for([4, 5])("power cuts, seed %i: the same trace on both engines", (seed) =>
  expectSame(async (engine) => {
    const { world, feeder, taken } = await startBusy(seed, engine);
    const { flash } = feeder;
    feeder.powerCut = () => feeder.powerOn();
    // In the middle of what the second bird brings to the flash.
    world.after(2 * MINUTE_MS, () => {
      const operation = flash.operations + 9;
      flash.cutPower({ operation, phase: "torn", random: randomStream(seed, "torn") });
    });
    world.after(5 * MINUTE_MS, () => feeder.powerOff());
    world.after(5 * MINUTE_MS + 700, () => feeder.powerOn());
    world.after(9 * MINUTE_MS, () => feeder.reset("brownout"));
    await world.run(12 * MINUTE_MS);
    expect(taken.length).toBeGreaterThan(2);
    return { hash: world.trace.hash(), events: world.events };
  }),
);

onXs("an update, with the restart that the firmware asks for: the same trace on both engines", () =>
  expectSame(async (engine) => {
    const system = await offeredUpdate({ engine }, imageOfFirmware(await firmware(NEW)));
    system.board.powerOn();
    expect(await until(system, () => runs(system, NEW), 5 * MINUTE_MS)).toBe(true);
    expect(results(system)).toEqual(["confirmed"]);
    return { hash: system.world.trace.hash(), log: system.log };
  }),
);

/** Everything that a call carries there and back. */
const VALUES = `
  const spool = flash.open({ path: "spool" });
  const show = (value) => trace(typeof value + " " + String(value) + " " + Object.is(value, -0));
  for (const text of ["", "a", "Vogel \\u00e4\\u{1F426}", "x".repeat(300)]) {
    nvs.write("text", text);
    show(nvs.read("text"));
  }
  show(nvs.read("nothing"));
  const page = Uint8Array.from({ length: 700 }, (_, at) => at);
  spool.write(page, 256);
  const read = new Uint8Array(1000).fill(7);
  show(spool.read(read.subarray(10, 710), 256));
  show(read.join());
  show(port.call("utf8.encode", ["\\u00e4"]).join());
  show(port.call("ecdsa.verify", [page.subarray(0, 32), new Uint8Array(64).fill(1, 32), "5", "6"]));
  // More than a pipe holds at once.
  const digest = port.call("digest.open", ["SHA256"]);
  port.call("digest.write", [digest, new Uint8Array(90_000)]);
  show(port.call("digest.close", [digest]).join());
  const memory = new Uint8Array(80);
  port.call("rtc_memory.write", [page.subarray(0, 64)]);
  port.call("rtc_memory.read", [memory.subarray(8, 72)]);
  show(memory.join());
  for (const delayMs of [0.25, 3_000_000_000, -0, -1]) Timer.set(() => show(delayMs), delayMs);
  try { spool.read(read, -1); } catch (error) { show(error instanceof Error); show(error); }
  try { port.call("no.such.call", [1]); } catch (error) { show(error); }
  show(Date.now());
  show([Math.random(), Math.random()].join());
  show(new Date().toISOString());
  onceOnline(() => {
    http().request({
      path: "/large",
      onHeaders: (status, headers) => show(status + headers.get("x-name")),
      onReadable(count) { show(new Uint8Array(this.read(count)).join()); },
      onDone: (error) => show(error),
    });
  });
`;

onXs("what a board answers and brings is the same value on both engines", () =>
  expectSame(async (engine) => {
    const body = Uint8Array.from({ length: 2_000 }, (_, at) => at * 7);
    const answer = () => new Response(body, { headers: { "x-name": "bird" } });
    const { world, log } = await startSmall(VALUES, { engine, answer });
    await world.run(MINUTE_MS);
    expect(log.length).toBeGreaterThan(20);
    return log;
  }),
);

test("the firmware has no promises: several things that one event brings would settle otherwise on XS", async () => {
  expect((await firmware(NEW)).javascript).not.toMatch(/\b(async|await|Promise)\b/);
});

/** Where promises settle, as the firmware sees it: before the next event, and in their own order. */
const PROMISES = `
  const later = async (name) => { await null; trace(name + 1); await null; trace(name + 2); };
  const wait = (delayMs) => new Promise((resolve) => Timer.set(resolve, delayMs));
  Timer.set(() => { later("a"); later("b"); trace("sync"); }, 10);
  Timer.set(() => trace("next"), 10);
  (async () => { for (let at = 0; at < 3; at++) { await wait(10); trace("waited " + at); } })();
`;

onXs("promises settle in the event that they came of, on both engines", () =>
  expectSame(async (engine) => {
    const { world, log } = await startSmall(PROMISES, { engine });
    await world.run(1_000);
    expect(log.join()).toContain("sync,a1,b1,a2,b2");
    return log;
  }),
);

/** Of xsnap-worker, or of the simulator. */
const NOT_A_BOARDS = [
  "print",
  "gc",
  "issueCommand",
  "performance",
  "harden",
  "TextDecoder",
  "TextEncoder",
  "Base64",
  "setImmediate",
  "console",
  "handleCommand",
  "install",
  "__board",
];

test.each(engines)(
  "%s: the firmware finds what XS has on a board, and it is frozen",
  async (...row) => {
    const { world, log } = await startSmall(
      `
    const found = { ${NOT_A_BOARDS.map((name) => `${name}: typeof ${name}`).join()} };
    trace(Object.keys(found).filter((name) => found[name] !== "undefined").join());
    const frozen = [[Array.prototype, "map"], [Object.prototype, "extra"], [Date, "now"], [Math, "random"],
      [Promise.prototype, "then"], [Object.getPrototypeOf([].values()), "next"],
      [(async () => {}).constructor.prototype, "extra"], [new Error("a").constructor.prototype, "name"]];
    trace(frozen.filter(([builtIn, key]) => Reflect.set(builtIn, key, 1)).map(([, key]) => key).join());
    trace(new Date(5).getTime() + " " + (new Date() instanceof Date) + " " + typeof Symbol.iterator);
    `,
      { engine: row[1] },
    );
    await world.run(1_000);
    expect(log).toEqual(["", "", "5 true symbol"]);
  },
);

import { describe, expect, test } from "vitest";
import { Flash } from "../../host-sim/board/flash.ts";
import { SerialBridge } from "../../host-sim/board/serial-bridge.ts";
import { engines } from "./both-engines.ts";
import { imageOf, noServer, PARTITIONS, placeBoard, startWorld } from "./small-firmware.ts";

const FLASH_BYTES = 4 * 1024 * 1024;

/** Answers each line with the same in capitals, as soon as there is room. */
const ECHO = `
  trace("info main: up\\n");
  let waiting = new Uint8Array(0);
  let room = 0;
  const send = (serial) => {
    const count = Math.min(room, waiting.length);
    if (count === 0) return;
    room -= count;
    serial.write(waiting.slice(0, count));
    waiting = waiting.slice(count);
  };
  new Serial({
    port: 0, baud: 115200, receive: 3, transmit: 1, format: "buffer",
    onReadable(count) {
      const bytes = new Uint8Array(count);
      this.read(bytes);
      const joined = new Uint8Array(waiting.length + count);
      joined.set(waiting);
      joined.set(bytes.map((byte) => (byte >= 97 ? byte - 32 : byte)), waiting.length);
      waiting = joined;
      send(this);
    },
    onWritable(count) { room = count; send(this); },
  });
`;

async function boardWithCable(source: string, options = {}) {
  const around = startWorld(noServer);
  const image = await imageOf(source);
  const placed = placeBoard(around, { image, slot: 0, partitionCsv: PARTITIONS }, options);
  return { ...around, ...placed, ...plugIn(around.world, placed.board) };
}

function plugIn(...[world, board]: ConstructorParameters<typeof SerialBridge>) {
  const bridge = new SerialBridge(world, board);
  const heard: number[] = [];
  bridge.hear = (bytes) => heard.push(...bytes);
  return { bridge, heard: () => Buffer.from(heard).toString("latin1") };
}

const runFor = (world: { nowMs: number; run(untilMs: number): Promise<void> }, ms: number) =>
  world.run(world.nowMs + ms);

describe.each(engines)("on engine %s", (_name, engine) => {
  test("a reset, the bootloader's place and what the firmware traces are lines on UART0", async () => {
    const { world, board, heard } = await boardWithCable('trace("info main: up\\n");', { engine });
    board.powerOn();
    await runFor(world, 1_000);
    expect(heard()).toMatch(/^ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 \(POWERON_RESET\),boot:0x13/);
    expect(heard()).toMatch(/entry 0x40080638\r\ninfo main: up\r\n$/);
    board.reset("software");
    await runFor(world, 1_000);
    expect(heard()).toContain("rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n");
  });

  test("the firmware's serial port hears the host and answers it, more than its FIFO at a time", async () => {
    const { world, board, bridge, heard } = await boardWithCable(ECHO, { engine });
    board.powerOn();
    await runFor(world, 1_000);
    const sent = "abcdefgh".repeat(40);
    bridge.write(Buffer.from(sent));
    await runFor(world, 100);
    expect(heard()).toMatch(new RegExp(`${sent.toUpperCase()}$`));
  });
});

test("what nobody reads in time overflows the 128 bytes of the hardware", async () => {
  const { world, board, bridge, log } = await boardWithCable(`
    const serial = new Serial({ port: 0, baud: 115200, receive: 3, transmit: 1, format: "buffer" });
    Timer.set(() => trace(serial.read().byteLength + " bytes\\n"), 500);
  `);
  board.powerOn();
  await runFor(world, 400);
  bridge.write(new Uint8Array(200).fill(0x55));
  await runFor(world, 1_000);
  expect(log).toContain("128 bytes\n");
});

test("more than the free room is refused whole, and the port is opened once", async () => {
  const { world, board, heard, log } = await boardWithCable(`
    const options = { port: 0, baud: 115200, receive: 3, transmit: 1, format: "buffer" };
    const serial = new Serial(options);
    serial.write(new Uint8Array(100).fill(0x41));
    const tried = [];
    try { serial.write(new Uint8Array(29)); } catch (error) { tried.push(error.message); }
    try { new Serial(options); } catch (error) { tried.push(error.message); }
    trace(tried.join() + "\\n");
  `);
  board.powerOn();
  await runFor(world, 1_000);
  expect(log).toEqual(["output full,in use\n"]);
  expect(heard()).toContain(`${"A".repeat(100)}output full`);
});

test("at another rate than the board's nothing is understood", async () => {
  const { world, board, bridge, heard } = await boardWithCable('trace("info main: up\\n");');
  bridge.baud = 9_600;
  board.powerOn();
  await runFor(world, 1_000);
  expect(heard()).not.toContain("main");
});

test("a board without a cable has no event of its console", async () => {
  const events = async (cable: boolean) => {
    const around = startWorld(noServer);
    const image = await imageOf('trace("info main: up\\n");');
    const { board } = placeBoard(around, { image, slot: 0, partitionCsv: PARTITIONS });
    if (cable) plugIn(around.world, board);
    board.powerOn();
    await around.world.run(1_000);
    return { events: around.world.events, uart: around.trace.filter((l) => l.includes("uart")) };
  };
  expect(await events(false)).toEqual({ events: 1, uart: [] });
  expect((await events(true)).events).toBeGreaterThan(10);
});

describe("the auto-reset circuit", () => {
  test("RTS alone holds the board in reset, and it boots when that ends", async () => {
    const { world, board, bridge, heard, log } = await boardWithCable('trace("info main: up\\n");');
    board.powerOn();
    await runFor(world, 1_000);
    bridge.setSignals({ dataTerminalReady: false, requestToSend: true });
    await runFor(world, 1_000);
    expect(log).toHaveLength(1);
    bridge.setSignals({ requestToSend: false });
    await runFor(world, 1_000);
    expect(log).toHaveLength(2);
    expect(heard().match(/rst:0x1 \(POWERON_RESET\)/g)).toHaveLength(2);
  });

  test("both lines together, and DTR alone, do nothing to a board that runs", async () => {
    const { world, board, bridge, heard } = await boardWithCable('trace("info main: up\\n");');
    board.powerOn();
    await runFor(world, 1_000);
    bridge.setSignals({ dataTerminalReady: true, requestToSend: true });
    bridge.setSignals({ requestToSend: false });
    bridge.setSignals({ dataTerminalReady: false });
    await runFor(world, 1_000);
    expect(heard().match(/rst:/g)).toHaveLength(1);
  });

  test("esptool's classic reset, with both asserted for a moment, ends in the ROM's loader", async () => {
    const { world, bridge, heard, log } = await boardWithCable('trace("info main: up\\n");');
    bridge.setSignals({ dataTerminalReady: false });
    bridge.setSignals({ requestToSend: true });
    await runFor(world, 100);
    bridge.setSignals({ dataTerminalReady: true });
    await runFor(world, 1);
    bridge.setSignals({ requestToSend: false });
    await runFor(world, 50);
    bridge.setSignals({ dataTerminalReady: false });
    await runFor(world, 1_000);
    expect(heard()).toContain("boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\n");
    expect(heard()).toMatch(/waiting for download\r\n$/);
    expect(log).toEqual([]);
  });
});

test("an erased board says so, again and again, until it is unplugged", async () => {
  const around = startWorld(noServer);
  const erased = new Flash(FLASH_BYTES);
  const { board } = placeBoard(around, erased, { bugsAreFatal: false });
  const { bridge, heard } = plugIn(around.world, board);
  board.powerOn();
  await runFor(around.world, 5_000);
  expect(heard()).toContain("invalid header: 0xffffffff\r\n");
  expect(heard().match(/rst:0x10 \(RTCWDT_RTC_RESET\)/g)?.length).toBeGreaterThan(4);
  bridge.unplug();
  const { events } = around.world;
  await runFor(around.world, 60_000);
  expect(around.world.events - events).toBeLessThan(3);
});

import { expect, test } from "vitest";
import { encodeEntry, IMAGE_STATE, makeEntry } from "../../host-sim/board/otadata.ts";
import { imageOf, noServer, PARTITIONS, placeBoard, startWorld } from "./small-firmware.ts";

const STATES = `
  const states = () => native.app_slot_state(0) + "/" + native.app_slot_state(1);
  const start = "slot " + native.app_slot_running() + " reset " + native.reset_reason();
  trace("B " + start + " states " + states());
`;

/** Downloads what the server has into the other slot, once, and tells what became of it. */
const UPDATER = `${STATES.replace('"B ', '"A ')}
  const other = flash.open({ path: "nextota" });
  const { blockLength } = other.status();
  let at = 0;
  const append = (bytes) => {
    const end = (at + bytes.length) / blockLength;
    for (let sector = Math.ceil(at / blockLength); sector < end; sector++) other.eraseBlock(sector);
    other.write(bytes, at);
    at += bytes.length;
  };
  const install = () => {
    const description = new ArrayBuffer(260);
    const told = native.app_slot_description(1, description, 4, 256);
    const version = new Uint8Array(description, 20, 5);
    trace("A holds " + told + " " + String.fromCharCode(...version));
    const refused = native.app_slot_select_other();
    trace("A selects " + refused + " states " + states());
    if (refused === 0) native.restart_board();
  };
  if (nvs.read("tried") === undefined) onceOnline(() => {
    nvs.write("tried", "1");
    trace("A opens " + native.app_slot_open_other());
    http().request({
      path: "/image.bin",
      onReadable(count) { append(new Uint8Array(this.read(count))); },
      onDone(error) { if (error === null) install(); },
    });
  });
`;

async function update(b: string, spoil?: (image: Uint8Array) => Uint8Array) {
  const offered = await imageOf(STATES + b, "2.0.0");
  const image = spoil?.(offered) ?? offered;
  const around = startWorld(() => new Response(image.slice()));
  const content = { image: await imageOf(UPDATER), slot: 0, partitionCsv: PARTITIONS } as const;
  const placed = placeBoard(around, content, { bugsAreFatal: false });
  placed.board.powerOn();
  return { ...around, ...placed };
}

const TO_B = [
  "A slot 0 reset 1 states 2/-1",
  "A opens 0",
  "A holds 1 2.0.0",
  "A selects 0 states 2/0",
  "B slot 1 reset 3 states 1/2",
];

test("an update that is downloaded, selected and confirmed is the code that runs, after each reset", async () => {
  const { world, board, log } = await update(`
    if (native.app_slot_state(0) === 1) trace("B confirms " + native.app_slot_confirm());
  `);
  await world.run(10_000);
  expect(log).toEqual([...TO_B, "B confirms 0"]);
  board.reset("brownout");
  await world.run(20_000);
  expect(log.slice(6)).toEqual(["B slot 1 reset 9 states 2/2"]);
});

test.each([
  ["loses its power", "", "A slot 0 reset 1 states 2/4"],
  ["waits for ever", "port.call('processor.hang', []);", "A slot 0 reset 6 states 2/4"],
  ["throws at its start", "throw new Error('a bug');", "A slot 0 reset 3 states 2/4"],
  ["restarts before it confirms", "native.restart_board();", "A slot 0 reset 3 states 2/4"],
  ["rejects itself", "native.app_slot_reject();", "A slot 0 reset 3 states 2/3"],
] as const)("an update that %s is taken back", async (_what, b, end) => {
  const { world, board, log } = await update(b);
  world.after(20_000, () => {
    if (b !== "") return;
    board.powerOff();
    board.powerOn();
  });
  await world.run(60_000);
  expect(log).toEqual([...TO_B, end]);
});

test("a pending image can neither open the other slot nor be without one to go back to", async () => {
  const { world, log } = await update(`
    trace("B opens " + native.app_slot_open_other());
    flash.open({ path: "nextota" }).eraseBlock(0);
    trace("B rejects " + native.app_slot_reject());
  `);
  await world.run(10_000);
  expect(log.slice(5)).toEqual([`B opens ${0x1506}`, `B rejects ${0x1505}`]);
});

test.each([
  ["a byte is wrong", (image: Uint8Array) => image.with(image.length - 50, 0)],
  ["the end is missing", (image: Uint8Array) => image.slice(0, -16)],
] as const)("an image of which %s is not selected, and A stays", async (_what, spoil) => {
  const { world, board, log } = await update("", spoil);
  await world.run(10_000);
  expect(log.slice(3)).toEqual([`A selects ${0x1503} states 2/-1`]);
  board.reset("software");
  await world.run(20_000);
  expect(log.at(-1)).toBe("A slot 0 reset 3 states 2/-1");
});

test("what is no image has no description", async () => {
  const { world, log } = await update("", () => new Uint8Array(512));
  await world.run(10_000);
  expect(log[2]).toMatch(/^A holds 0/);
});

test("a description needs 256 bytes of room, and a slot without a state says nothing of it", async () => {
  const around = startWorld(noServer);
  const image = await imageOf(`
    const told = native.app_slot_description(0, new ArrayBuffer(255), 0, 255);
    trace(told + " " + native.app_slot_state(0));
  `);
  const { board, log } = placeBoard(around, { image, slot: 0, partitionCsv: PARTITIONS });
  board.flash.program(0xf000, encodeEntry(makeEntry(1, IMAGE_STATE.undefined)));
  board.powerOn();
  await around.world.run(1_000);
  expect(log).toEqual(["0 -1"]);
});

test("a chip that is worn out is the driver's timeout for whoever would select", async () => {
  const { world, board, log } = await update(`
    Timer.set(() => trace("B confirms " + native.app_slot_confirm()), 1000);
    Timer.set(() => trace("B selects " + native.app_slot_select_other()), 60000);
  `);
  await world.run(30_000);
  board.flash.wornOutAt = board.flash.operations + 1;
  await world.run(100_000);
  expect(log.slice(-2)).toEqual(["B confirms 0", `B selects ${0x107}`]);
});

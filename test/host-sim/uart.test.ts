import { expect, test } from "vitest";
import { UartRing } from "../../host-sim/board/uart.ts";
import { counted, startLine } from "./one-line.ts";

test.each([
  // The last bit of bytes 32, 64 and 70, ten bits each.
  [115_200, [2.778, 5.556, 6.077]],
  [921_600, [0.348, 0.695, 0.76]],
])(
  "at %i baud 70 bytes arrive in order, each run when its last bit has passed",
  async (baud, atMs) => {
    const { world, line, arrivals, heard } = startLine(baud);
    line.send(counted(40));
    line.send(counted(30));
    await world.run(10);
    expect(arrivals.map((arrival) => arrival.atMs)).toEqual(atMs);
    expect(arrivals.map(({ bytes }) => bytes.length)).toEqual([32, 32, 6]);
    expect(heard()).toEqual([...counted(40), ...counted(30)]);
  },
);

test("a megabyte takes no longer than its bits: the runs' rounding does not add up", async () => {
  const { world, line, arrivals } = startLine(921_600);
  line.send(new Uint8Array(1_000_000).fill(1));
  await world.run(20_000);
  const idealMs = (1_000_000 * 10 * 1000) / 921_600;
  expect((arrivals.at(-1)?.atMs ?? 0) - idealMs).toBeGreaterThanOrEqual(0);
  expect((arrivals.at(-1)?.atMs ?? 0) - idealMs).toBeLessThan(0.001);
});

test("the sender's buffer may change behind send", async () => {
  const { world, line, heard } = startLine(115_200);
  const buffer = counted(40);
  line.send(buffer);
  buffer.fill(99);
  await world.run(10);
  expect(heard()).toEqual([...counted(40)]);
});

test("the sender sees a byte as queued until its stop bit has left", async () => {
  const { world, line } = startLine(115_200);
  line.send(counted(100));
  expect(line.queuedBytes()).toBe(100);
  expect(line.roomAtMs(99)).toBe(0.087);
  expect(line.roomAtMs(60)).toBe(3.473);
  expect(line.roomAtMs(100)).toBe(0);
  expect(line.idleAtMs).toBe(8.681);
  await world.run(0.086);
  expect(line.queuedBytes()).toBe(100);
  await world.run(0.087);
  expect(line.queuedBytes()).toBe(99);
  expect(line.idleAtMs).toBe(8.681);
});

test.each([115_200, 460_800, 921_600])(
  "who waits for room at %i baud finds it, also late in a long run",
  async (baud) => {
    const { world, line } = startLine(baud);
    await world.run(30 * 86_400_000 + 0.123);
    line.send(counted(300));
    for (let queued = 299; queued >= 0; queued--) {
      await world.run(line.roomAtMs(queued));
      expect(line.queuedBytes()).toBe(queued);
    }
    expect(line.idleAtMs).toBe(world.nowMs);
  },
);

test("while the line stalls nothing leaves, and afterwards all of it does", async () => {
  const { world, line, faults, arrivals, heard } = startLine(115_200);
  faults.stallUntilMs = 50.0004;
  line.send(counted(40));
  expect(line.idleAtMs).toBe(53.474);
  await world.run(49);
  line.send(counted(10));
  expect(line.queuedBytes()).toBe(50);
  await world.run(100);
  line.send(counted(1));
  await world.run(101);
  expect(arrivals.map(({ atMs }) => atMs)).toEqual([52.779, 54.342, 100.087]);
  expect(heard()).toEqual([...counted(40), ...counted(10), ...counted(1)]);
});

test("a stall in the middle of a message holds back what has not begun to leave", async () => {
  const { world, line, faults, arrivals } = startLine(115_200);
  line.send(counted(64));
  await world.run(1);
  faults.stallUntilMs = 20;
  // Eleven bytes have left by then.
  expect(line.roomAtMs(53)).toBe(1);
  expect(line.roomAtMs(52)).toBe(20.087);
  await world.run(100);
  expect(arrivals.map(({ atMs }) => atMs)).toEqual([2.778, 22.778, 24.601]);
});

const SENT_BYTES = 200_000;

test("bits flip at the rate of the faults: data bits alone, a start bit loses its byte", async () => {
  const { world, line, heard } = startLine(921_600, { bitErrorRate: 1e-4 });
  line.send(new Uint8Array(SENT_BYTES).fill(0x5a));
  await world.run(10_000);
  const flips = heard().map((byte) => byte ^ 0x5a);
  const single = flips.filter((flip) => [1, 2, 4, 8, 16, 32, 64, 128].includes(flip));
  // 20 of 2,000,000 bits a kind are expected, and 160 for the eight data bits: three deviations either way.
  expect(SENT_BYTES - flips.length).toBeGreaterThan(6);
  expect(SENT_BYTES - flips.length).toBeLessThan(34);
  expect(single.length).toBeGreaterThan(122);
  expect(single.length).toBeLessThan(198);
  expect(new Set(single).size).toBe(8);
  const garbled = flips.filter((flip) => flip !== 0).length - single.length;
  expect(garbled).toBeGreaterThan(6);
  expect(garbled).toBeLessThan(34);
});

test("of a line that flips every bit nothing is noticed", async () => {
  const { world, line, arrivals } = startLine(921_600, { bitErrorRate: 1 });
  line.send(counted(100));
  await world.run(line.idleAtMs);
  expect(arrivals).toEqual([]);
});

test("faults come and go while the line runs", async () => {
  const { world, line, faults, heard } = startLine(921_600);
  const whole = [...new Uint8Array(10_000).fill(0x5a)];
  for (const rate of [0, 1e-9, 1e-2, 0]) {
    faults.bitErrorRate = rate;
    const before = heard().length;
    line.send(Uint8Array.from(whole));
    await world.run(line.idleAtMs);
    const arrived = heard().slice(before);
    if (rate < 1e-2) expect(arrived).toEqual(whole);
    else expect(arrived).not.toEqual(whole);
  }
});

test.each([
  ["slower", 921_600, 115_200, 1_000 / 8],
  ["faster", 115_200, 921_600, 3_000],
  ["four per cent off", 115_200, 119_900, 1_041],
])("a %s receiver hears garbage, zeros among it, the same in every run", async (...row) => {
  const [, senderBaud, receiverBaud, expectedBytes] = row;
  const hear = async () => {
    const { world, line, heard } = startLine(senderBaud);
    line.receiverBaud = receiverBaud;
    line.send(counted(1_000));
    await world.run(1_000);
    return heard();
  };
  const heard = await hear();
  expect(Math.abs(heard.length - expectedBytes)).toBeLessThan(20);
  expect(heard).toContain(0);
  expect(heard.filter((byte, at) => byte === 1 + (at % 255)).length).toBeLessThan(20);
  expect(await hear()).toEqual(heard);
});

test("clocks within three per cent understand each other", async () => {
  const { world, line, heard } = startLine(115_200);
  line.receiverBaud = 118_000;
  line.send(counted(100));
  await world.run(100);
  expect(heard()).toEqual([...counted(100)]);
});

test("a change of the rate holds for what has not begun to leave", async () => {
  const { world, line, arrivals } = startLine(115_200);
  line.send(counted(64));
  await world.run(1);
  line.senderBaud = 921_600;
  line.receiverBaud = 921_600;
  await world.run(10);
  expect(arrivals.map(({ atMs }) => atMs)).toEqual([1.348, 1.565]);
  const heard = arrivals.flatMap(({ bytes }) => bytes);
  // Eleven had left at the old rate; nobody understands the one that was leaving.
  expect(heard.slice(0, 11)).toEqual([...counted(11)]);
  expect(heard.slice(-52)).toEqual([...counted(64).subarray(12)]);
});

const FRAMES = [0, ...counted(50), 0, 0, ...counted(60), 0];

test("a dropped frame takes its time on the wire and leaves its delimiters", async () => {
  const { world, line, heard, arrivals } = startLine(115_200, { dropFrameRate: 1 });
  line.send(Uint8Array.from(FRAMES));
  await world.run(line.idleAtMs);
  expect(heard()).toEqual([0, 0, 0, 0]);
  expect(arrivals.at(-1)?.atMs).toBeCloseTo((FRAMES.length * 10_000) / 115_200, 2);
});

test("a frame is dropped whole, however it was handed over, and none that began before the fault", async () => {
  const { world, line, faults, heard } = startLine(115_200);
  line.send(Uint8Array.from([0, 1, 2]));
  await world.run(line.idleAtMs);
  faults.dropFrameRate = 1;
  for (const byte of [3, 0, 0, 7, 8, 9, 0]) line.send(Uint8Array.of(byte));
  await world.run(100);
  expect(heard()).toEqual([0, 1, 2, 3, 0, 0, 0]);
});

test("a frame is dropped or sent twice to its end, from the first that begins under the fault", async () => {
  const dropped = startLine(115_200);
  const twice = startLine(115_200);
  for (const [bytes, rate] of [
    [[9, 0], 0],
    [[1, 2], 1],
    [[3, 0, 4, 0], 0],
  ] as const) {
    dropped.faults.dropFrameRate = rate;
    twice.faults.duplicateFrameRate = rate;
    for (const { line, world } of [dropped, twice]) {
      line.send(Uint8Array.from(bytes));
      await world.run(line.idleAtMs);
    }
  }
  expect(dropped.heard()).toEqual([9, 0, 0, 4, 0]);
  expect(twice.heard()).toEqual([9, 0, 1, 2, 3, 0, 1, 2, 3, 0, 4, 0]);
});

test.each([
  ["dropFrameRate", 100],
  ["duplicateFrameRate", 300],
] as const)("%s is the chance of each frame", async (fault, expectedFrames) => {
  const { world, line, heard } = startLine(921_600, { [fault]: 0.5 });
  for (let frame = 0; frame < 200; frame++) line.send(Uint8Array.of(0, 5));
  await world.run(1_000);
  const frames = heard().filter((byte) => byte === 5).length;
  expect(Math.abs(frames - expectedFrames)).toBeLessThan(25);
});

test("a duplicated frame is sent again behind itself, at the line's pace", async () => {
  const { world, line, heard } = startLine(115_200, { duplicateFrameRate: 1 });
  for (const byte of [0, 1, 2, 0, 0, 3]) line.send(Uint8Array.of(byte));
  line.send(Uint8Array.of(4, 0));
  expect(line.queuedBytes()).toBe(8 + 3 + 3);
  await world.run(line.idleAtMs);
  expect(heard()).toEqual([0, 1, 2, 0, 1, 2, 0, 0, 3, 4, 0, 3, 4, 0]);
});

test("noise between the bytes leaves the bytes themselves", async () => {
  const { world, line, heard } = startLine(921_600, { insertByteRate: 0.01 });
  line.send(new Uint8Array(10_000).fill(0x5a));
  await world.run(1_000);
  const extra = heard().length - 10_000;
  expect(extra).toBeGreaterThan(70);
  expect(extra).toBeLessThan(130);
  expect(heard().filter((byte) => byte === 0x5a).length).toBeGreaterThanOrEqual(10_000);
});

test("the receive ring keeps what fits, counts what it lost, and has room again when it was read", () => {
  const ring = new UartRing(8);
  ring.push(counted(6));
  ring.push(counted(6));
  expect(ring.lostBytes).toBe(4);
  const into = new Uint8Array(7);
  expect(ring.read(into)).toBe(7);
  expect([...into]).toEqual([1, 2, 3, 4, 5, 6, 1]);
  ring.push(counted(7));
  expect(ring.lostBytes).toBe(4);
  expect(ring.read(new Uint8Array(20))).toBe(8);
  ring.push(counted(9));
  ring.clear();
  expect(ring.lostBytes).toBe(0);
  expect(ring.read(into)).toBe(0);
});

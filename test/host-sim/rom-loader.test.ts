import { createRequire } from "node:module";
import { build } from "esbuild";
import fc from "fast-check";
import { expect, test } from "vitest";
import { WebSerialPort } from "../../cli/flash/web-serial-port.ts";
import { encodeSlip, SlipDecoder } from "../../host-sim/peers/slip.ts";
import {
  appImage,
  flashBytes,
  inWorldTime,
  mergedImage,
  placeOnDesk,
} from "../cli/flash/bench-desk.ts";

const require = createRequire(import.meta.url);

interface OtherStub {
  setBaudrate(baud: number): Promise<void>;
  flashData(data: ArrayBuffer, update: () => void, offset: number, packed: boolean): Promise<void>;
  readFlash(from: number, lengthBytes: number): Promise<Uint8Array>;
}

interface OtherFlasher {
  ESPLoader: new (
    port: WebSerialPort,
    logger: object,
  ) => {
    initialize(): Promise<void>;
    runStub(): Promise<OtherStub>;
    readonly chipName: string | null;
  };
}

/** A flasher of other authors than esptool-js; its modules name each other without endings, so it must be bundled. */
async function otherFlasher(): Promise<OtherFlasher> {
  const bundle = await build({
    entryPoints: [require.resolve("tasmota-webserial-esptool")],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    logLevel: "silent",
  });
  const text = Buffer.from(bundle.outputFiles[0]?.contents ?? []).toString("base64");
  return import(`data:text/javascript;base64,${text}`);
}

test("a second flasher, of other authors, finds the chip, writes its flash and reads it back", async () => {
  const { ESPLoader } = await otherFlasher();
  const { world, board, line } = placeOnDesk();
  const image = await mergedImage(await appImage("by the other one"));
  const read = await inWorldTime(world, async () => {
    const port = new WebSerialPort(line);
    await port.open({ baudRate: 115_200 });
    const loader = new ESPLoader(port, { log() {}, debug() {}, error() {} });
    await loader.initialize();
    expect(loader.chipName).toMatch(/^ESP32/);
    const stub = await loader.runStub();
    await stub.flashData(Uint8Array.from(image).buffer, () => {}, 0, true);
    return stub.readFlash(0, image.length);
  });
  expect(flashBytes(board, 0, image.length).equals(image)).toBe(true);
  expect(Buffer.from(read).equals(image)).toBe(true);
});

/** The chip in its loader, and the answers to what is sent, as frames. */
function inLoader() {
  const { world, bridge, board } = placeOnDesk();
  const frames: Uint8Array[] = [];
  const decoder = new SlipDecoder(0x2000);
  bridge.setSignals({ requestToSend: true });
  return {
    board,
    start: async () => {
      await world.run(world.nowMs + 50);
      bridge.setSignals({ dataTerminalReady: true, requestToSend: false });
      await world.run(world.nowMs + 200);
      bridge.hear = (bytes) => decoder.decode(bytes, (frame) => frames.push(frame));
    },
    send: async (...requests: readonly Uint8Array[]) => {
      frames.length = 0;
      for (const request of requests) bridge.write(encodeSlip(request));
      await world.run(world.nowMs + 100);
      return frames.map((frame) => [...frame]);
    },
    noise: async (bytes: Uint8Array) => {
      bridge.write(bytes);
      await world.run(world.nowMs + bytes.length / 5 + 50);
    },
  };
}

function request(op: number, words: readonly number[], rest = new Uint8Array(0), sum = 0) {
  const bytes = new Uint8Array(8 + 4 * words.length + rest.length);
  const view = new DataView(bytes.buffer);
  bytes[1] = op;
  view.setUint16(2, bytes.length - 8, true);
  view.setUint32(4, sum, true);
  for (const [at, word] of words.entries()) view.setUint32(8 + 4 * at, word, true);
  bytes.set(rest, 8 + 4 * words.length);
  return bytes;
}

const SYNC = request(0x08, [], new Uint8Array(36).fill(0x55));
const block = Uint8Array.of(1, 2, 3, 4);
const BLOCK_SUM = 0xef ^ 1 ^ 2 ^ 3 ^ 4;

test("the ROM answers SYNC eight times, and what it does not know as often", async () => {
  const loader = inLoader();
  await loader.start();
  expect(await loader.send(SYNC)).toHaveLength(8);
  const unknown = await loader.send(request(0x14, []));
  expect(unknown).toHaveLength(8);
  expect(unknown[0]?.slice(8)).toEqual([1, 5, 0, 0]);
});

test.each([
  ["a wrong checksum", [request(0x02, [4, 1, 4, 0]), request(0x03, [4, 0, 0, 0], block)], 7],
  ["a wrong length", [request(0x03, [5, 0, 0, 0], block, BLOCK_SUM)], 6],
  ["data without a beginning", [request(0x03, [4, 0, 0, 0], block, BLOCK_SUM)], 6],
  ["a place behind the chip", [request(0x02, [4, 1, 4, 0x500000])], 6],
  [
    "what does not unpack",
    [request(0x10, [4, 1, 4, 0]), request(0x11, [4, 0, 0, 0], block, BLOCK_SUM)],
    6,
  ],
])("%s is an error, and nothing is written", async (_what, requests, error) => {
  const loader = inLoader();
  const { operations } = loader.board.flash;
  await loader.start();
  const last = (await loader.send(...requests)).at(-1);
  expect(last?.slice(-4)).toEqual([1, error, 0, 0]);
  expect(loader.board.flash.operations).toBe(operations);
});

const NOISE_SEEDS = 500;

test(`behind noise from ${NOISE_SEEDS} seeds the loader still answers`, async () => {
  const loader = inLoader();
  await loader.start();
  const likely = fc.constantFrom(0xc0, 0xdb, 0xdc, 0xdd, 0x00, 0x08, 0x55);
  const noise = fc.array(fc.oneof(likely, fc.integer({ min: 0, max: 255 })), { maxLength: 200 });
  for (const bytes of fc.sample(noise, { numRuns: NOISE_SEEDS, seed: 1 })) {
    await loader.noise(Uint8Array.from(bytes));
    expect(await loader.send(SYNC)).not.toHaveLength(0);
  }
});

test("SLIP brings any frames back, whatever the pieces and the noise between them", () => {
  const frame = fc.uint8Array({ minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(fc.array(frame), fc.integer({ min: 1, max: 9 }), (frames, pieceBytes) => {
      const wire = Buffer.concat(
        frames.flatMap((one) => [Buffer.from("boot\r\n"), encodeSlip(one)]),
      );
      const decoder = new SlipDecoder(60);
      const found: number[][] = [];
      const take = (one: Uint8Array) => void found.push([...one]);
      for (let at = 0; at < wire.length; at += pieceBytes) {
        decoder.decode(wire.subarray(at, at + pieceBytes), take);
      }
      const own = found.filter((one) => Buffer.from(one).toString() !== "boot\r\n");
      expect(own).toEqual(frames.map((one) => [...one]));
    }),
  );
});

test("a frame without end is not kept", () => {
  const decoder = new SlipDecoder(100);
  const frames: Uint8Array[] = [];
  decoder.decode(Uint8Array.of(0xc0), (frame) => frames.push(frame));
  for (let n = 0; n < 100; n++)
    decoder.decode(new Uint8Array(1_000), (frame) => frames.push(frame));
  decoder.decode(encodeSlip(Uint8Array.of(7)), (frame) => frames.push(frame));
  expect(frames).toEqual([Uint8Array.of(7)]);
});

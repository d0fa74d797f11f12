import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeImprovPacket, IMPROV_TYPE, ImprovReader } from "../../protocol/improv-packet.ts";

/** 10,000 in the long tier. */
const SEEDS = Number(process.env.NOISE_SEEDS ?? 500);
const LONG_PAUSE_MS = 60_000;

interface Piece {
  readonly bytes: Uint8Array;
  readonly pauseMs: number;
}

/** What is found in these pieces, each so long behind the one before. */
function read(pieces: readonly Piece[]) {
  const found: { type: number; data: readonly number[] }[] = [];
  const reader = new ImprovReader((type, data) => found.push({ type, data: [...data] }));
  let nowMs = 0;
  for (const { bytes, pauseMs } of pieces) {
    nowMs += pauseMs;
    reader.receive(bytes, nowMs);
  }
  return found;
}

const data = fc.uint8Array({ maxLength: 255 });
const noise = fc.uint8Array({ maxLength: 300 });
const logText = fc
  .constantFrom("info feeder: IMPROV is here\r\n", "I", "IMPROV", "IMPROV\x01\x03", "IIMPROV\x01")
  .map((text) => new TextEncoder().encode(text));
const half = fc
  .tuple(data, fc.integer({ min: 1, max: 265 }))
  .map(([bytes, length]) => encodeImprovPacket(IMPROV_TYPE.rpc, bytes).slice(1, length));
const anything = fc.oneof(noise, logText, half);

test("a packet is header, type, length, data and sum, on a line of its own", () => {
  const packet = encodeImprovPacket(IMPROV_TYPE.state, [2]);
  const header = [..."IMPROV"].map((letter) => letter.charCodeAt(0));
  expect([...packet]).toEqual([10, ...header, 1, 1, 1, 2, 0xe2, 10]);
});

test("a packet is found however its bytes are cut", () => {
  fc.assert(
    fc.property(data, fc.array(fc.integer({ min: 1, max: 40 })), (bytes, cuts) => {
      const packet = encodeImprovPacket(IMPROV_TYPE.rpc, bytes);
      const pieces: Piece[] = [];
      let at = 0;
      for (const cut of [...cuts, packet.length]) {
        pieces.push({ bytes: packet.slice(at, at + cut), pauseMs: 0 });
        at += cut;
      }
      expect(read(pieces)).toEqual([{ type: IMPROV_TYPE.rpc, data: [...bytes] }]);
    }),
  );
});

test("a packet behind any noise and a pause is found", () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 4 }), data, (before, bytes) => {
      const pieces = before.map((piece) => ({ bytes: piece, pauseMs: 1 }));
      const packet = encodeImprovPacket(IMPROV_TYPE.rpc, bytes);
      const found = read([...pieces, { bytes: packet, pauseMs: LONG_PAUSE_MS }]);
      expect(found.at(-1)).toEqual({ type: IMPROV_TYPE.rpc, data: [...bytes] });
    }),
    { numRuns: SEEDS },
  );
});

test("a packet right behind a half of another is found when the rest does not come", () => {
  fc.assert(
    fc.property(half, data, (before, bytes) => {
      const packet = encodeImprovPacket(IMPROV_TYPE.rpc, bytes);
      const found = read([
        { bytes: before, pauseMs: 0 },
        { bytes: packet, pauseMs: 0 },
        { bytes: Uint8Array.of(10), pauseMs: LONG_PAUSE_MS },
      ]);
      // Once in 256 halves its sum happens to be right with the bytes of the other.
      fc.pre(found.every((one) => Buffer.from(one.data).equals(bytes)));
      expect(found).toContainEqual({ type: IMPROV_TYPE.rpc, data: [...bytes] });
    }),
    { numRuns: SEEDS },
  );
});

test("a packet with a wrong byte is none", () => {
  fc.assert(
    fc.property(data, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, change) => {
      const packet = encodeImprovPacket(IMPROV_TYPE.rpc, bytes).slice(1, -1);
      const where = at % packet.length;
      packet[where] = (packet[where] ?? 0) ^ change;
      const [found] = read([{ bytes: packet, pauseMs: 0 }]);
      expect(found?.data).not.toEqual([...bytes]);
    }),
    { numRuns: SEEDS },
  );
});

import { expect, test } from "vitest";
import type { SentRequest } from "../../host-sim/network/internet.ts";
import { startSmall } from "./small-firmware.ts";

const BYTES_PER_MS = 60;
const SEGMENT_BYTES = 1_436;
const BIG = Uint8Array.from({ length: 120_000 }, (_, at) => (at * 7) % 251);

interface Told {
  readonly at: number;
  readonly what: "headers" | "bytes" | "done" | "error";
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly bytes?: readonly number[];
}

/** Asks once and tells what comes, and when. `onBytes`: what else it does then. */
const ask = (onBytes = "", headers: Record<string, string> = {}, asked = "") => `
  const startedAt = Date.now();
  const tell = (what, more) => trace(JSON.stringify({ at: Date.now(), what, ...more }));
  const spool = flash.open({ path: "spool" });
  let total = 0;
  onceOnline(() => {
    const client = http();
    client.request({
      path: "/fw/1.0.0/image.bin",
      headers: new Map(${JSON.stringify(Object.entries(headers))}),
      onHeaders(status, headers) {
        tell("headers", { status, headers: Object.fromEntries(headers) });
      },
      onReadable(count) {
        const bytes = [...new Uint8Array(this.read(count))];
        total += bytes.length;
        tell("bytes", { bytes });
        ${onBytes}
      },
      onDone(error) { tell(error === null ? "done" : "error"); },
    });
    ${asked}
  });
`;

async function startAsking(answer: (request: SentRequest) => Response, source = ask()) {
  const started = await startSmall(source, { answer });
  const told = () => started.log.map((line) => JSON.parse(line) as Told);
  const bytes = () => told().flatMap(({ bytes }) => bytes ?? []);
  const at = (what: Told["what"]) => told().find((one) => one.what === what)?.at ?? Number.NaN;
  return { ...started, told, bytes, at };
}

const whole = (headers: Record<string, string> = {}) => new Response(BIG.slice(), { headers });

test("a small answer is one event, with its headers in lower case and its length", async () => {
  const { world, told, at } = await startAsking(() =>
    Response.json({ ok: true }, { headers: { ETag: '"abc"' } }),
  );
  await world.run(1_000);
  const before = world.events;
  await world.run(10_000);
  expect(told().map(({ what }) => what)).toEqual(["headers", "bytes", "done"]);
  expect(told()[0]).toMatchObject({
    status: 200,
    headers: { etag: '"abc"', "content-length": "11", "content-type": "application/json" },
  });
  expect(at("done")).toBe(at("headers"));
  // Joining, DNS, connecting, the request, the answer.
  expect(world.events - before).toBeLessThan(12);
});

test("a body comes in segments at the pace of the link, whole and in order", async () => {
  const { world, board, told, bytes, at } = await startAsking(() => whole());
  await world.run(10_000);
  expect(Uint8Array.from(bytes())).toEqual(BIG);
  const sizes = told().flatMap((one) => (one.bytes === undefined ? [] : [one.bytes.length]));
  expect(Math.max(...sizes)).toBe(SEGMENT_BYTES);
  expect(sizes).toHaveLength(Math.ceil(BIG.length / SEGMENT_BYTES));
  const expectedMs = (BIG.length - SEGMENT_BYTES) / BYTES_PER_MS;
  expect(Math.abs(at("done") - at("headers") - expectedMs)).toBeLessThanOrEqual(1);

  board.radio.downlinkBytesPerMs = 6;
  board.reset("software");
  await world.run(60_000);
  const [first, last] = [told().findLast(({ what }) => what === "headers"), told().at(-1)];
  const slowerMs = (last?.at ?? 0) - (first?.at ?? 0) - 10 * expectedMs;
  expect(Math.abs(slowerMs)).toBeLessThanOrEqual(1);
});

test.each([
  ["as long as the window holds", "if (total % 4096 < 1436) spool.eraseBlock(0);", 0],
  [
    "for longer than that",
    "if (total < 1437) for (let n = 0; n < 20; n++) spool.eraseBlock(0);",
    764,
  ],
] as const)(
  "a processor that stands still %s delays a body no more than it must",
  async (...row) => {
    const [, onBytes, delayMs] = row;
    const { world, bytes, at } = await startAsking(() => whole(), ask(onBytes));
    await world.run(10_000);
    expect(Uint8Array.from(bytes())).toEqual(BIG);
    const expectedMs = (BIG.length - SEGMENT_BYTES) / BYTES_PER_MS + delayMs;
    expect(Math.abs(at("done") - at("headers") - expectedMs)).toBeLessThan(100);
  },
);

test("a range that is asked for reaches the server, and the client hears which one came", async () => {
  const asked: Record<string, string | null> = {};
  const answer = ({ headers, url }: SentRequest) => {
    asked[url] = headers.get("range");
    return new Response(BIG.slice(100, 200), {
      status: 206,
      headers: { "content-range": "bytes 100-199/120000" },
    });
  };
  const { world, told, bytes } = await startAsking(answer, ask("", { range: "bytes=100-199" }));
  await world.run(10_000);
  expect(asked).toEqual({ "http://server.test:80/fw/1.0.0/image.bin": "bytes=100-199" });
  expect(told()[0]).toMatchObject({
    status: 206,
    headers: { "content-range": "bytes 100-199/120000", "content-length": "100" },
  });
  expect(Uint8Array.from(bytes())).toEqual(BIG.slice(100, 200));
});

/** Hands out `pieces` of 10,000 bytes each when they are asked for; then ends, or fails. */
function streamed(pieces: number, then: "ends" | "fails" = "ends") {
  const seen = { pulled: 0, cancelled: false };
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (seen.pulled === pieces) {
        if (then === "ends") controller.close();
        else controller.error(new Error("disk"));
        return;
      }
      controller.enqueue(BIG.slice(seen.pulled * 10_000, ++seen.pulled * 10_000));
    },
    cancel() {
      seen.cancelled = true;
    },
  });
  return { seen, stream };
}

test("a body that the server streams comes whole, taken no faster than it leaves", async () => {
  const { seen, stream } = streamed(12);
  const { world, told, bytes, at } = await startAsking(() => new Response(stream));
  await world.run(2_000);
  expect(seen.pulled).toBeLessThan(9);
  await world.run(10_000);
  expect(Uint8Array.from(bytes())).toEqual(BIG);
  expect(told()[0]?.headers).toEqual({ "transfer-encoding": "chunked" });
  expect(at("done")).toBeGreaterThan(0);
});

test("a client that closes in the middle ends what the server streams, however long that is", async () => {
  const { seen, stream } = streamed(Number.POSITIVE_INFINITY);
  const source = ask("if (total > 30000) client.close();");
  const { world, told, bytes } = await startAsking(() => new Response(stream), source);
  await world.run(60_000);
  expect(told().at(-1)?.what).toBe("bytes");
  expect(bytes()).toHaveLength(Math.ceil(30_001 / SEGMENT_BYTES) * SEGMENT_BYTES);
  expect(seen).toMatchObject({ cancelled: true });
});

test("a client that closes before the answer is there hears nothing, and the server streams nothing", async () => {
  const { seen, stream } = streamed(Number.POSITIVE_INFINITY);
  // DNS, connecting and the way to the server take 57 ms, the way back 15.
  const source = ask("", {}, "Timer.set(() => client.close(), 65);");
  const { world, told } = await startAsking(() => new Response(stream), source);
  await world.run(10_000);
  expect(told()).toEqual([]);
  expect(seen.pulled).toBeLessThan(9);
  expect(seen.cancelled).toBe(true);
});

test.each([
  ["fails in the middle", () => new Response(streamed(5, "fails").stream), 50_000],
  ["sends less than it announced", () => whole({ "content-length": "130000" }), 120_000],
] as const)("a server that %s breaks the connection", async (_what, answer, expected) => {
  const { world, told, bytes } = await startAsking(answer);
  await world.run(10_000);
  expect(bytes()).toHaveLength(expected);
  expect(told().at(-1)?.what).toBe("error");
});

test("nothing behind the announced length is part of an answer", async () => {
  const { world, told, bytes } = await startAsking(() => whole({ "content-length": "2000" }));
  await world.run(10_000);
  expect(bytes()).toHaveLength(2_000);
  expect(told().at(-1)?.what).toBe("done");
});

test("a connection that lives for a second breaks in the middle, and says so", async () => {
  const { world, board, told, bytes, at } = await startAsking(() => whole());
  board.radio.connectionLifetimeMs = 1_000;
  await world.run(10_000);
  // It lives from the connection on; the answer begins a round trip later.
  expect(at("error") - at("headers")).toBe(1_000 - 32);
  expect(bytes().length).toBeGreaterThan(50_000);
  expect(Uint8Array.from(bytes())).toEqual(BIG.slice(0, bytes().length));
  expect(told().filter(({ what }) => what === "error")).toHaveLength(1);
});

test("out of reach a body is silent, and goes on when the radio is back", async () => {
  const { world, board, told, bytes, at } = await startAsking(() => whole());
  await world.run(3_000);
  const before = told().length;
  expect(before).toBeGreaterThan(5);
  board.radio.inReach = false;
  await world.run(60_000);
  expect(told().length).toBeLessThanOrEqual(before + 1);
  board.radio.inReach = true;
  await world.run(70_000);
  expect(at("done")).toBeGreaterThan(60_000);
  expect(Uint8Array.from(bytes())).toEqual(BIG);
});

test("a server that dies in the middle of a body breaks the connection", async () => {
  const { world, internet, told, bytes } = await startAsking(() => whole());
  await world.run(3_000);
  internet.reachability = "refused";
  await world.run(10_000);
  expect(told().at(-1)?.what).toBe("error");
  expect(bytes().length).toBeLessThan(BIG.length);
});

test("a reset in the middle of a body lets go of it", async () => {
  const { seen, stream } = streamed(Number.POSITIVE_INFINITY);
  const { world, board } = await startAsking(() => new Response(stream));
  await world.run(3_000);
  expect(seen.cancelled).toBe(false);
  board.powerOff();
  await world.run(4_000);
  expect(seen.cancelled).toBe(true);
});

test("what the firmware does not read stays in the socket", async () => {
  const { world, log } = await startSmall(
    `onceOnline(() => http().request({
      onReadable(count) {
        if (count < 4000) return;
        const first = [...new Uint8Array(this.read(2))];
        trace(count + " " + first + " " + this.read().byteLength);
      },
    }));`,
    { answer: () => whole() },
  );
  await world.run(2_400);
  expect(log[0]).toBe(`${3 * SEGMENT_BYTES} 0,7 ${3 * SEGMENT_BYTES - 2}`);
});

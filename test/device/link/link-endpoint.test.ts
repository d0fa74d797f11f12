import fc from "fast-check";
import { expect, test } from "vitest";
import { FRAME_TYPE } from "../../../device/amb82-bridge/link/frame.ts";
import { LinkEndpoint } from "../../../device/amb82-bridge/link/link-endpoint.ts";
import { decodeRead } from "../../../device/amb82-bridge/link/link-messages.ts";

const STEP_MS = 10;

type Damage = "none" | "drop" | "flip" | "twice" | "noise";

/** Two ends on a wire that does to each chunk what `damage` says next, and then heals. */
function linkedEnds(damage: readonly Damage[], dataFrames: readonly Uint8Array[]) {
  const wires = { toFeeder: [] as Uint8Array[], toCamera: [] as Uint8Array[] };
  const received = { data: [] as string[], reads: [] as number[] };
  let next = 0;
  let sent = 0;

  function put(onto: Uint8Array[], bytes: Uint8Array): void {
    const chunk = bytes.slice();
    switch (damage[next++] ?? "none") {
      case "drop":
        return;
      case "flip":
        chunk[chunk.length >> 1] = (chunk[chunk.length >> 1] as number) ^ 0x20;
        break;
      case "twice":
        onto.push(chunk);
        break;
      case "noise":
        onto.push(Uint8Array.from([1, 2, 3, 4, 5]));
        break;
      case "none":
        break;
    }
    onto.push(chunk);
  }

  const camera = new LinkEndpoint(
    {
      write: (bytes, length) => {
        put(wires.toFeeder, bytes.subarray(0, length));
        return length;
      },
    },
    {
      peerStarted: () => {},
      received: (type, frame, start, end) => {
        if (type !== FRAME_TYPE.read) return;
        received.reads.push(decodeRead(frame, start, end)?.id ?? -1);
      },
      nextData: (into, start) => {
        const frame = received.reads.length > 0 ? dataFrames[sent] : undefined;
        if (frame === undefined) return 0;
        sent++;
        into.set(frame, start);
        return frame.length;
      },
    },
    "camera",
  );
  const feeder = new LinkEndpoint(
    {
      // A FIFO that takes a few bytes at a time.
      write: (bytes, length) => {
        const taken = Math.min(length, 40);
        put(wires.toCamera, bytes.subarray(0, taken));
        return taken;
      },
    },
    {
      peerStarted: () => feeder.send(FRAME_TYPE.read, { id: 7, fileOffsetBytes: 0 }),
      received: (type, frame, start, end) => {
        if (type === FRAME_TYPE.data) {
          received.data.push(Buffer.from(frame.subarray(start, end)).toString("hex"));
        }
      },
      nextData: () => 0,
    },
    "feeder",
  );
  return { camera, feeder, wires, received };
}

function run(ends: ReturnType<typeof linkedEnds>, untilMs: number): void {
  for (let nowMs = 0; nowMs < untilMs; nowMs += STEP_MS) {
    for (const chunk of ends.wires.toFeeder.splice(0))
      ends.feeder.receive(chunk, chunk.length, nowMs);
    for (const chunk of ends.wires.toCamera.splice(0))
      ends.camera.receive(chunk, chunk.length, nowMs);
    ends.camera.poll(nowMs);
    ends.feeder.poll(nowMs);
  }
}

const damage = fc.array(fc.constantFrom<Damage>("none", "none", "drop", "flip", "twice", "noise"), {
  maxLength: 60,
});
const dataFrames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 1024 }), { maxLength: 12 });

test("whatever happens to the wire, once it heals every message has arrived once and in order", () => {
  fc.assert(
    fc.property(damage, dataFrames, (faults, frames) => {
      const ends = linkedEnds(faults, frames);
      ends.camera.open("camera-1");
      ends.feeder.open("feeder-1");
      run(ends, 60_000);
      expect(ends.received.reads).toEqual([7]);
      expect(ends.received.data).toEqual(frames.map((frame) => Buffer.from(frame).toString("hex")));
      expect(ends.camera.idle && ends.feeder.idle).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("a corrupted frame is asked for again at once, not after the retransmission time-out", () => {
  // Camera: hello, its answer, ack of the read, first data frame; that one is flipped.
  for (let spoilt = 3; spoilt < 9; spoilt++) {
    const faults: Damage[] = [...new Array<Damage>(spoilt).fill("none"), "flip"];
    const ends = linkedEnds(faults, [new Uint8Array(1024).fill(1), new Uint8Array(1024).fill(2)]);
    ends.camera.open("camera-1");
    ends.feeder.open("feeder-1");
    run(ends, 250);
    expect(ends.received.data).toHaveLength(2);
  }
});

test("a hello heard twice does not start the conversation anew", () => {
  let starts = 0;
  const toFeeder: Uint8Array[] = [];
  const wire = (onto: Uint8Array[]) => ({
    write: (bytes: Uint8Array, length: number) => {
      onto.push(bytes.slice(0, length));
      return length;
    },
  });
  const deaf = { received: () => {}, nextData: () => 0 };
  const camera = new LinkEndpoint(wire(toFeeder), { ...deaf, peerStarted: () => {} }, "camera");
  const feeder = new LinkEndpoint(
    wire([]),
    { ...deaf, peerStarted: () => void starts++ },
    "feeder",
  );
  camera.open("camera-1");
  feeder.open("feeder-1");
  camera.poll(0);
  for (const chunk of [...toFeeder, ...toFeeder]) feeder.receive(chunk, chunk.length, 0);
  expect(starts).toBe(1);
  camera.open("camera-2");
  camera.poll(0);
  const again = toFeeder.at(-1) as Uint8Array;
  feeder.receive(again, again.length, 0);
  expect(starts).toBe(2);
});

test("random bytes never throw and never become a message", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
      const ends = linkedEnds([], []);
      ends.feeder.open("feeder-1");
      ends.feeder.receive(bytes, bytes.length, 0);
      ends.feeder.poll(0);
      expect(ends.feeder.connected).toBe(false);
    }),
  );
});

/** The TypeScript feeder and the C++ camera: whatever the line does, pictures arrive whole and once. */
import { expect, test } from "vitest";
import { FRAME_BYTES_MAX, type MessageType } from "../../../device/amb82-bridge/link/frame.ts";
import { LinkEndpoint } from "../../../device/amb82-bridge/link/link-endpoint.ts";
import { type Offer, parseOffer } from "../../../device/amb82-bridge/link/link-messages.ts";
import type { CameraOnALine } from "./camera-on-a-line.ts";
import { describeCamera } from "./lock-step-camera.ts";
import { endCamerasAfterEach, newLine } from "./met-camera.ts";
import { STILLS, sha256Hex } from "./pictures-folder.ts";
import { carry, FeederWire, spoilerOf } from "./spoiled-line.ts";

const IDENTITY = {
  firmware: "0.1.0",
  capabilities: () => [],
  bauds: [115_200, 460_800, 921_600],
  leadsRate: true,
  bufferBytes: 8_192,
  frameBytesMax: FRAME_BYTES_MAX,
};

const NOTHING = "nothing";
const SLEEP = "sleep";

/** A feeder that wants so many pictures, one after the other, and then sleep. */
class Feeder {
  readonly wire = new FeederWire();
  readonly link: LinkEndpoint;
  readonly pictures = new Map<string, Buffer>();
  #reading: { readonly offer: Offer; bytes: Buffer } | undefined;
  #wanted: string[];
  #asked: string = NOTHING;

  constructor(wanted: readonly string[]) {
    this.#wanted = [...wanted];
    this.link = new LinkEndpoint(
      this.wire,
      {
        peerStarted: () => this.#restarted(),
        received: (type, record) => this.#received(type, record),
        data: (bytes, start, end) => this.#data(Buffer.from(bytes.subarray(start, end))),
        roomBytes: () => 0xffff,
        peek: () => false,
        advance: () => {},
        copy: () => 0,
      },
      IDENTITY,
    );
  }

  get satisfied(): boolean {
    return this.#wanted.length === 0;
  }

  /** A new start of the feeder: what it has of a picture it keeps, what it asked it forgets. */
  start(bootId: string): void {
    this.link.open(bootId);
    this.#asked = NOTHING;
  }

  ask(): void {
    const [wish = SLEEP] = this.#wanted;
    if (!this.link.connected || wish === this.#asked) return;
    this.#asked = wish;
    if (wish === SLEEP) this.link.send("command", { op: "sleep" });
    else this.link.send("command", { op: "photo", captureId: wish, quality: 5 });
  }

  #restarted(): void {
    this.#asked = NOTHING;
  }

  #received(type: MessageType, record: Record<string, unknown>): void {
    const offer = type === "offer" ? parseOffer(record) : undefined;
    if (offer === undefined) {
      // Busy: an object of before a restart is still there.
      this.#asked = NOTHING;
      return;
    }
    const { id, captureId, sha256 } = offer;
    if (!this.#wanted.includes(captureId)) {
      this.link.send("cancel", { id });
      return;
    }
    // A camera that lost its power counts from 1 again: only the hash says that it is the same picture.
    const begun = this.#reading?.offer.sha256 === sha256 ? this.#reading.bytes : Buffer.alloc(0);
    this.#reading = { offer, bytes: begun };
    this.#asked = captureId;
    this.link.send("read", { id, fileOffsetBytes: begun.length });
  }

  #data(payload: Buffer): void {
    const reading = this.#reading;
    if (reading === undefined || payload.length < 6) return;
    const { id, captureId, size } = reading.offer;
    if (payload.readUInt16LE() !== id) return;
    if (payload.readUInt32LE(2) !== reading.bytes.length) return;
    reading.bytes = Buffer.concat([reading.bytes, payload.subarray(6)]);
    if (reading.bytes.length < size) return;
    this.pictures.set(captureId, reading.bytes);
    this.#wanted = this.#wanted.filter((wanted) => wanted !== captureId);
    this.#reading = undefined;
    this.link.send("done", { id });
  }
}

interface Run {
  readonly spoil: (bytes: Buffer) => Buffer;
  readonly limitMs: number;
  /** What happens at which millisecond. */
  readonly events?: Readonly<Record<number, () => Promise<void> | void>>;
}

async function runUntilAsleep(line: CameraOnALine, feeder: Feeder, run: Run): Promise<number> {
  const { wire, link } = feeder;
  while (!(feeder.satisfied && line.asleep)) {
    wire.nowMs++;
    if (wire.nowMs > run.limitMs) throw new Error(`not over after ${run.limitMs} ms`);
    await run.events?.[wire.nowMs]?.();
    await carry(line, wire, run.spoil);
    feeder.ask();
    link.poll(wire.nowMs);
  }
  return wire.nowMs;
}

const WANTED = ["c1", "c2", "c3", "c4", "c5", "c6"];

function expectAll(feeder: Feeder): void {
  expect([...feeder.pictures.keys()]).toEqual(WANTED);
  const known = STILLS.map(sha256Hex);
  const got = [...feeder.pictures.values()].map(sha256Hex);
  for (const hash of got) expect(known).toContain(hash);
}

describeCamera("feeder and camera", () => {
  endCamerasAfterEach();

  test("on a clean line, at 921600", async () => {
    const line = newLine();
    await line.boot(1);
    const feeder = new Feeder(WANTED);
    feeder.start("f-1");
    const overMs = await runUntilAsleep(line, feeder, { spoil: (bytes) => bytes, limitMs: 10_000 });
    expectAll(feeder);
    expect(feeder.wire.bitsPerSecond).toBe(921_600);
    // Six exposures, 49 kB of pictures, and a start.
    expect(overMs).toBeLessThan(6 * 250 + 600 + 500);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "on a line that spoils one frame in ten, seed %i",
    async (seed) => {
      const line = newLine();
      await line.boot(1);
      const feeder = new Feeder(WANTED);
      feeder.start("f-1");
      await runUntilAsleep(line, feeder, { spoil: spoilerOf(seed, 0.1), limitMs: 60_000 });
      expectAll(feeder);
    },
  );

  test.each([1, 2, 3, 4])("whoever restarts in the middle, seed %i", async (seed) => {
    const line = newLine();
    await line.boot(1);
    const feeder = new Feeder(WANTED);
    feeder.start("f-1");
    const events = {
      700: () => feeder.start("f-2"),
      1300: () => line.boot(2),
      2100: async () => {
        feeder.start("f-3");
        await line.boot(3);
      },
    };
    await runUntilAsleep(line, feeder, { spoil: spoilerOf(seed, 0.03), limitMs: 60_000, events });
    expectAll(feeder);
  });
});

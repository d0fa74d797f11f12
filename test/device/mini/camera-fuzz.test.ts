/** Whatever arrives, the camera neither stumbles (the sanitizers watch) nor stops listening. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { FeederByHand } from "./feeder-by-hand.ts";
import { describeCamera, LockStepCamera } from "./lock-step-camera.ts";
import { endCamerasAfterEach, newLine } from "./met-camera.ts";
import { picturesFolder } from "./pictures-folder.ts";
import { encodeWireFrame } from "./wire-frame.ts";

const byte = fc.integer({ min: 0, max: 255 });
const word = fc.integer({ min: 0, max: 65_535 });

const json = fc.oneof(
  fc.json(),
  fc
    .record(
      {
        op: fc.constantFrom("photo", "clip", "status", "upload", "wifi_stage", "wifi_commit"),
        captureId: fc.string(),
        seconds: fc.integer({ min: -1, max: 3 }),
        quality: fc.integer({ min: -1, max: 11 }),
        id: fc.integer({ min: 0, max: 3 }),
        fileOffsetBytes: fc.nat(30_000),
        url: fc.oneof(fc.string(), fc.constant("http://a/b")),
        headers: fc.array(fc.array(fc.string(), { maxLength: 3 }), { maxLength: 6 }),
        ssid: fc.string({ maxLength: 40 }),
        passphrase: fc.string({ maxLength: 70 }),
        protocol: fc.constant(1),
        bootId: fc.string({ maxLength: 60 }),
        maxFrame: fc.integer({ min: 0, max: 2_000 }),
        window: fc.integer({ min: 0, max: 300 }),
        buffer: fc.integer({ min: 0, max: 9_000 }),
        answer: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
);

const payload = fc.oneof(
  json.map((text) => Buffer.from(text).subarray(0, 1024)),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
);

const frame = fc
  .record({
    type: fc.oneof(fc.constantFrom(1, 2, 3, 4, 5, 16, 16, 19, 19, 20, 21, 32), byte),
    channel: fc.oneof(fc.constantFrom(0, 0, 0, 1), fc.integer({ min: 0, max: 127 })),
    more: fc.boolean(),
    sack: byte,
    // Mostly in turn, or nothing would ever be taken.
    sequence: fc.oneof(
      { weight: 8, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: word },
    ),
    ack: fc.oneof(fc.integer({ min: 0, max: 9 }), word),
    credit: word,
    payload,
  })
  .map(({ sequence, ...fields }) => ({
    ...fields,
    ...(sequence === undefined ? {} : { sequence }),
  }));

describeCamera("the camera", () => {
  endCamerasAfterEach();

  test("outlives any bytes", { timeout: 60_000 }, async () => {
    const line = newLine();
    await line.boot(1);
    const runs = fc.array(fc.tuple(fc.uint8Array({ maxLength: 3_000 }), fc.nat(700)));
    await fc.assert(
      fc.asyncProperty(runs, async (parts) => {
        for (const [bytes, pauseMs] of parts) {
          await line.hear(Buffer.from(bytes));
          await line.advance(line.nowMs + pauseMs);
        }
      }),
      { numRuns: 60, seed: 8 },
    );
    await line.boot(2);
    await new FeederByHand(line).hello();
    await line.nextOfType("hello");
  });

  test("outlives any frames, and serves the next feeder", { timeout: 120_000 }, async () => {
    const line = newLine();
    let boots = 0;
    const runs = fc.array(fc.tuple(frame, fc.nat(400)), { minLength: 20, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(runs, async (said) => {
        await line.boot(++boots, ["garden", ""]);
        const feeder = new FeederByHand(line);
        await feeder.hello();
        let sequence = 0;
        for (const [fields, pauseMs] of said) {
          const inTurn = (fields.channel & 0x7f) === 0 && fields.type >= 16;
          const own = { sequence, ...fields };
          if (inTurn && own.sequence === sequence) sequence++;
          await line.hear(encodeWireFrame(own));
          await line.advance(line.nowMs + pauseMs);
        }
        if (line.asleep) return;
        line.frames.length = 0;
        await feeder.hello({ bootId: `next-${boots}` });
        await feeder.order("command", { op: "status" });
        const status = await feeder.resultPastOffers(5_000);
        expect(status).toMatchObject({ op: "status", ok: true });
      }),
      { numRuns: 60, seed: 8 },
    );
  });

  test.each([
    ["a record of a kind that nobody knows", [9, 0, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0, 0]],
    ["a record before boot", [9, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0]],
    ["a record of no bytes", [0, 0, 0, 0]],
    ["a record longer than any", [255, 255, 255, 255]],
    ["a record cut short", [9, 0, 0, 0, 3]],
    ["a boot without its number", [9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]],
  ])("ends on %s", async (_, bytes) => {
    const camera = new LockStepCamera(picturesFolder());
    const errors = "skyfeeder-camera: a record makes no sense\n";
    expect(await camera.end(Buffer.from(bytes))).toEqual({ status: 1, errors });
  });
});

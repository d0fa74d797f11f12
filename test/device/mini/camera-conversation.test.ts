/** What the camera says and does, as docs/link.md has it. */
import { describe, expect, test } from "vitest";
import { FeederByHand } from "./feeder-by-hand.ts";
import { missingCompiler } from "./lock-step-camera.ts";
import { endCamerasAfterEach, holdStill, meetCamera, newLine } from "./met-camera.ts";
import { STILLS, sha256Hex } from "./pictures-folder.ts";
import { TYPE } from "./wire-frame.ts";

const [FIRST, SECOND] = STILLS as readonly [Buffer, Buffer, Buffer];

function offerOf(id: number, captureId: string, still: Buffer, ageMs: unknown = 0) {
  const [size, sha256] = [still.length, sha256Hex(still)];
  return { id, captureId, kind: "still", size, sha256, contentType: "image/jpeg", ageMs };
}

describe.skipIf(missingCompiler())("the camera (skipped: no C++ compiler)", () => {
  endCamerasAfterEach();

  test("calls every 500 ms until it has the feeder's hello", async () => {
    const line = newLine();
    await line.boot(0x1f);
    await line.advance(1_400);
    expect(line.bitsPerSecond).toBe(115_200);
    expect(line.frames.map(({ type }) => type)).toEqual([TYPE.hello, TYPE.hello, TYPE.hello]);
    expect(JSON.parse(line.frames[0]?.payload.toString() ?? "")).toEqual({
      protocol: 1,
      firmware: "0.1.0",
      capabilities: ["still", "clip"],
      bootId: "amb82-000000000000001f",
      maxFrame: 1038,
      window: 8,
      buffer: 4096,
      bauds: [115200, 460800, 921600],
      answer: false,
    });
    await new FeederByHand(line).hello({ answer: true });
    line.frames.length = 0;
    await line.advance(3_000);
    expect(line.frames).toEqual([]);
  });

  test("is deaf to all but hello until it knows the feeder", async () => {
    const line = newLine();
    await line.boot(1);
    const feeder = new FeederByHand(line);
    await feeder.order("command", { op: "status" });
    await line.say({ type: TYPE.ping });
    await feeder.hello({ protocol: 2 });
    await feeder.hello({ window: 0 });
    await line.advance(400);
    expect(line.frames.map(({ type }) => type)).toEqual([TYPE.hello]);
  });

  test("takes a picture, gives its bytes, forgets it, and sleeps", async () => {
    const { line, feeder, offer } = await holdStill();
    expect(offer).toEqual(offerOf(1, "12-0a1b2c3d-4", FIRST));
    const took = { kind: "took", media: "still", size: FIRST.length, sha256: sha256Hex(FIRST) };
    expect(line.records).toEqual([took]);
    expect(await feeder.fetch(1, FIRST.length)).toEqual(FIRST);
    await feeder.order("command", { op: "sleep" });
    expect(await feeder.answered("result")).toEqual({ op: "sleep", ok: false, reason: "busy" });
    await feeder.order("done", { id: 1 });
    await feeder.order("command", { op: "sleep" });
    expect(await feeder.answered("result")).toEqual({ op: "sleep", ok: true });
    await line.advance(line.nowMs + 50);
    expect(line.records).toEqual([took, { kind: "sleep" }]);
    expect(line.asleep).toBe(true);
  });

  test("acknowledges a command said twice and obeys it once", async () => {
    const { line, feeder } = await meetCamera();
    await feeder.order("command", { op: "status" });
    feeder.sequence--;
    await feeder.order("command", { op: "status" });
    await line.advance(line.nowMs + 100);
    const answers = line.frames.filter(({ type }) => type === TYPE.result);
    expect(answers).toHaveLength(1);
    expect(line.frames.every(({ ack }) => ack === 1)).toBe(true);
    expect(line.frames.length).toBeGreaterThan(1);
  });

  test("tells how it is", async () => {
    const { line, feeder } = await holdStill();
    await line.advance(5_120);
    await feeder.order("command", { op: "status" });
    const status = { op: "status", ok: true, uptimeMs: 5120, objects: 1, wifi: "none" };
    expect(await feeder.answered("result")).toEqual(status);
  });

  test("takes pictures one after the other, and says busy when too many wait", async () => {
    const { line, feeder } = await meetCamera();
    const startMs = line.nowMs;
    for (const captureId of ["a", "b", "c", "d"]) {
      await feeder.order("command", { op: "photo", captureId });
    }
    const busy = { op: "photo", captureId: "d", ok: false, reason: "busy" };
    expect(await feeder.answered("result")).toEqual(busy);
    expect(await feeder.answered("offer")).toEqual(offerOf(1, "a", FIRST));
    expect(await feeder.answered("offer")).toEqual(offerOf(2, "b", SECOND));
    expect(line.nowMs - startMs).toBeGreaterThan(500);
    expect(await feeder.answered("offer")).toMatchObject({ id: 3, captureId: "c" });
  });

  test("has room for twelve objects and says so", async () => {
    const { feeder } = await meetCamera();
    for (let id = 1; id <= 12; id++) {
      await feeder.order("command", { op: "photo", captureId: `c${id}` });
      expect(await feeder.answered("offer")).toMatchObject({ id });
    }
    await feeder.order("command", { op: "photo", captureId: "one-more" });
    const full = { op: "photo", captureId: "one-more", ok: false, reason: "no_memory" };
    expect(await feeder.answered("result")).toEqual(full);
    await feeder.order("cancel", { id: 3 });
    await feeder.order("command", { op: "photo", captureId: "one-more" });
    expect(await feeder.answered("offer")).toMatchObject({ id: 13, captureId: "one-more" });
  });

  test("offers again what it holds when the feeder has restarted, and goes on at its offset", async () => {
    const { line, feeder } = await holdStill();
    await feeder.order("command", { op: "photo", captureId: "second" });
    await feeder.answered("offer");
    await feeder.order("cancel", { id: 2 });
    await line.advance(line.nowMs + 1_000);
    await feeder.hello({ bootId: "13-0a1b2c3d-2" });
    const offer = await feeder.answered("offer");
    expect(offer).toEqual(offerOf(1, "12-0a1b2c3d-4", FIRST, expect.any(Number)));
    expect((offer as { ageMs: number }).ageMs).toBeGreaterThan(1_000);
    expect(await feeder.fetch(1, FIRST.length, 8_192)).toEqual(FIRST.subarray(8_192));
    await line.advance(line.nowMs + 500);
    expect(line.frames.filter(({ type }) => type === TYPE.offer)).toEqual([]);
  });

  test("holds nothing after a loss of power, and calls under another name", async () => {
    const { line, feeder } = await holdStill();
    await line.boot(2);
    await line.nextOfType("hello");
    await feeder.hello({ bootId: "12-0a1b2c3d-1", answer: true });
    await feeder.order("command", { op: "status" });
    expect(await feeder.answered("result")).toMatchObject({ objects: 0 });
    await feeder.order("read", { id: 1, fileOffsetBytes: 0 });
    expect(await feeder.answered("cancel")).toEqual({ id: 1 });
  });

  test.each([
    [{ op: "dance" }, { op: "dance", ok: false, reason: "unknown_op" }],
    [{ op: "photo" }, { op: "photo", ok: false, reason: "unknown_op" }],
    [{ op: "a name longer than any" }, { op: "", ok: false, reason: "unknown_op" }],
    [
      { op: "clip", captureId: "c", seconds: 0 },
      { op: "clip", captureId: "c", ok: false, reason: "unknown_op" },
    ],
    [
      { op: "clip", captureId: "c", seconds: 61 },
      { op: "clip", captureId: "c", ok: false, reason: "no_memory" },
    ],
    [{ op: "wifi_commit" }, { op: "wifi_commit", ok: false, reason: "no_stage" }],
    [{ op: "wifi_abort" }, { op: "wifi_abort", ok: false, reason: "no_stage" }],
  ])("answers %j honestly", async (command, result) => {
    const { feeder } = await meetCamera();
    await feeder.order("command", command);
    expect(await feeder.answered("result")).toEqual(result);
  });

  test("sleeps after a minute without a word, or ten when it holds something", async () => {
    const empty = await meetCamera();
    await empty.line.advance(59_990);
    expect(empty.line.asleep).toBe(false);
    await empty.line.advance(60_100);
    expect(empty.line.asleep).toBe(true);

    const holding = await holdStill();
    const heardMs = holding.line.nowMs;
    await holding.line.advance(heardMs + 599_990);
    expect(holding.line.asleep).toBe(false);
    await holding.line.advance(heardMs + 600_010);
    expect(holding.line.asleep).toBe(true);
  });

  test("waits with sleep for its last result to arrive, but not for ever", async () => {
    const { line, feeder } = await meetCamera();
    await feeder.order("command", { op: "status" });
    await feeder.order("command", { op: "sleep" });
    await line.advance(line.nowMs + 900);
    expect(line.asleep).toBe(false);
    await line.advance(line.nowMs + 200);
    expect(line.asleep).toBe(true);
  });
});

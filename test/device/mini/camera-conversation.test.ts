/** What the camera says and does, as docs/link.md has it. */
import { expect, test } from "vitest";
import { FeederByHand } from "./feeder-by-hand.ts";
import { describeCamera } from "./lock-step-camera.ts";
import { endCamerasAfterEach, holdStill, meetCamera, newLine } from "./met-camera.ts";
import { picturesFolder, STILLS, sha256Hex } from "./pictures-folder.ts";
import { TYPE } from "./wire-frame.ts";

const [FIRST, SECOND] = STILLS as readonly [Buffer, Buffer, Buffer];

function offerOf(id: number, captureId: string, still: Buffer, ageMs: unknown = 0) {
  const [size, sha256] = [still.length, sha256Hex(still)];
  return { id, captureId, kind: "still", size, sha256, contentType: "image/jpeg", ageMs };
}

describeCamera("the camera", () => {
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
    await feeder.order("command", { op: "photo", captureId: "c1" });
    await line.say({ type: TYPE.ping });
    await feeder.hello({ protocol: 2 });
    await feeder.hello({ window: 0 });
    await feeder.hello({ maxFrame: 20 });
    await feeder.hello({ buffer: 23 });
    await line.advance(400);
    expect(line.frames.map(({ type }) => type)).toEqual([TYPE.hello]);
    expect(line.records).toEqual([]);
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

  test("answers a hello it knows, and forgets nothing", async () => {
    const { line, feeder } = await holdStill();
    const { sequence } = feeder;
    await feeder.hello();
    feeder.sequence = sequence;
    expect((await line.nextOfType("hello")).payload.toString()).toContain('"answer":true');
    await feeder.order("command", { op: "status" });
    const status = await line.nextOfType("result");
    expect(status).toMatchObject({ sequence: 1, ack: sequence + 1 });
    expect(line.frames).toEqual([]);
  });

  test("accepts no command while it has no room for the answer, and loses none", async () => {
    const { line, feeder } = await meetCamera();
    for (let sequence = 0; sequence < 12; sequence++) {
      await feeder.order("command", { op: `op${sequence}` });
    }
    // One answer is in flight and eight wait.
    await line.next(({ ack }) => ack === 9);
    for (let answers = 0; answers < 12; answers++) {
      expect(await feeder.answered("result")).toMatchObject({ op: `op${answers}` });
      if (answers >= 3) continue;
      feeder.sequence = 9 + answers;
      await feeder.order("command", { op: `op${9 + answers}` });
    }
  });

  test("keeps what it has to say of a capture until there is room for it", async () => {
    const { line, feeder } = await meetCamera({ pictures: picturesFolder({}, []) });
    await feeder.order("command", { op: "photo", captureId: "c1" });
    for (let turn = 0; turn < 9; turn++) await feeder.order("command", { op: `op${turn}` });
    await line.advance(line.nowMs + 400);
    for (let turn = 0; turn < 9; turn++) {
      expect(await feeder.answered("result")).toMatchObject({ op: `op${turn}` });
    }
    const failed = { op: "photo", captureId: "c1", ok: false, reason: "still_failed" };
    expect(await feeder.answered("result")).toEqual(failed);
  });

  test("does what a whole message says, not the beginning of another before it", async () => {
    const { line, feeder } = await holdStill();
    const beginning = Buffer.from('{"op":"sta');
    const { expected: ack } = feeder;
    await line.say({ type: TYPE.command, more: true, sequence: 1, ack, payload: beginning });
    feeder.sequence = 2;
    await feeder.order("done", { id: 1 });
    await feeder.order("command", { op: "status" });
    expect(await feeder.answered("result")).toMatchObject({ op: "status", objects: 0 });
  });

  test("acknowledges types and bulk it knows nothing of", async () => {
    const { line, feeder } = await meetCamera();
    const acked = async (frame: Parameters<typeof line.say>[0]) => {
      await line.say(frame);
      const { channel, ack } = await line.nextOfType("ack");
      return [channel, ack];
    };
    expect(await acked({ type: 99, sequence: 0 })).toEqual([0, 1]);
    expect(await acked({ type: TYPE.data, channel: 1, sequence: 0 })).toEqual([1, 1]);
    expect(await acked({ type: TYPE.data, channel: 1, sequence: 2 })).toEqual([1, 1]);
    expect(await acked({ type: TYPE.data, channel: 1, sequence: 1 })).toEqual([1, 2]);
    expect(await acked({ type: TYPE.ping, channel: 1 })).toEqual([1, 2]);
    expect(await acked({ type: TYPE.ping })).toEqual([0, 1]);
    await line.say({ type: 15 });
    await line.say({ type: 99, channel: 2 });
    await line.advance(line.nowMs + 100);
    expect(line.frames).toEqual([]);
    feeder.sequence = 1;
    await feeder.order("command", { op: "status" });
    expect(await feeder.answered("result")).toMatchObject({ ok: true });
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

  test("counts the pictures it will take when it counts its room", async () => {
    const { feeder } = await meetCamera();
    for (let id = 1; id <= 11; id++) {
      await feeder.order("command", { op: "photo", captureId: `c${id}` });
      expect(await feeder.answered("offer")).toMatchObject({ id });
    }
    await feeder.order("command", { op: "photo", captureId: "last" });
    await feeder.order("command", { op: "photo", captureId: "one-more" });
    expect(await feeder.answered("result")).toMatchObject({ reason: "no_memory" });
    expect(await feeder.answered("offer")).toMatchObject({ id: 12, captureId: "last" });
  });

  test.each([
    { id: 1, fileOffsetBytes: FIRST.length },
    { id: 1, fileOffsetBytes: FIRST.length + 1 },
    { id: 1, fileOffsetBytes: 4_294_967_296 },
    { id: 65_537, fileOffsetBytes: 0 },
    { fileOffsetBytes: 0 },
    { id: 1 },
  ])("has nothing to say to a read of %j", async (read) => {
    const { line, feeder } = await holdStill();
    await feeder.order("read", read);
    await line.nextOfType("ack");
    await line.advance(line.nowMs + 500);
    expect(line.frames).toEqual([]);
  });

  test("offers again what it holds when the feeder has restarted, and goes on at its offset", async () => {
    const { line, feeder } = await holdStill();
    await feeder.order("command", { op: "photo", captureId: "second" });
    await feeder.answered("offer");
    await feeder.order("cancel", { id: 2 });
    await feeder.order("read", { id: 1, fileOffsetBytes: 0 });
    feeder.keep(await line.nextOfType("data"));
    await feeder.ackBulk();
    await line.advance(line.nowMs + 1_000);
    await feeder.hello({ bootId: "13-0a1b2c3d-2" });
    const offer = await feeder.answered("offer");
    expect(offer).toEqual(offerOf(1, "12-0a1b2c3d-4", FIRST, expect.any(Number)));
    expect((offer as { ageMs: number }).ageMs).toBeGreaterThan(1_000);
    expect(await feeder.fetch(1, FIRST.length, 8_192)).toEqual(FIRST.subarray(8_192));
    await line.advance(line.nowMs + 500);
    expect(line.frames.filter(({ type }) => type === TYPE.offer)).toEqual([]);
  });

  test("forgets what a feeder asked that has restarted, but for the picture it is taking", async () => {
    const { line, feeder } = await meetCamera();
    for (const captureId of ["a", "b", "c"]) {
      await feeder.order("command", { op: "photo", captureId });
    }
    for (let turn = 0; turn < 3; turn++) await feeder.order("command", { op: "status" });
    await feeder.hello({ bootId: "13-0a1b2c3d-2" });
    line.frames.length = 0;
    expect(await feeder.answered("offer")).toMatchObject({ id: 1, captureId: "a" });
    await line.advance(line.nowMs + 2_000);
    expect(line.frames).toEqual([]);
    expect(line.records).toHaveLength(1);
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
    [
      { op: "photo", captureId: "c".repeat(49) },
      { op: "photo", ok: false, reason: "unknown_op" },
    ],
    [
      { op: "clip", captureId: "c".repeat(49), seconds: 5 },
      { op: "clip", ok: false, reason: "unknown_op" },
    ],
    [{ op: "photo\0" }, { op: "", ok: false, reason: "unknown_op" }],
    [{ op: "a name longer than any" }, { op: "a name longer th", ok: false, reason: "unknown_op" }],
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
});

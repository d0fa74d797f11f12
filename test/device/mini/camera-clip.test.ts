/** Clips: a Motion JPEG in an AVI, read back by a parser that takes nothing on trust. */
import { expect, test } from "vitest";
import { describeCamera } from "./lock-step-camera.ts";
import { endCamerasAfterEach, meetCamera } from "./met-camera.ts";
import { parseMotionJpeg } from "./motion-jpeg.ts";
import { pictureOf, picturesFolder, STILLS, sha256Hex } from "./pictures-folder.ts";

async function record(seconds: number, pictures?: string): Promise<Buffer> {
  const { line, feeder } = await meetCamera(pictures === undefined ? {} : { pictures });
  const startMs = line.nowMs;
  await feeder.order("command", { op: "clip", captureId: "clip", seconds });
  const offer = await feeder.answered("offer", 10_000);
  expect(line.nowMs - startMs).toBeGreaterThan(seconds * 1_000 + 200);
  const { id, size, sha256, contentType } = offer as Record<"sha256" | "contentType", string> &
    Record<"id" | "size", number>;
  expect(contentType).toBe("video/avi");
  const bytes = await feeder.fetch(id, size);
  expect(sha256Hex(bytes)).toBe(sha256);
  await feeder.order("done", { id });
  return bytes;
}

describeCamera("a clip", () => {
  endCamerasAfterEach();

  test("holds the very pictures, ten a second", async () => {
    const clip = parseMotionJpeg(await record(1));
    const shown = Array.from({ length: 10 }, (_, index) => STILLS[index % 3]);
    expect(clip.frames).toEqual(shown);
    expect(clip).toMatchObject({ width: 640, height: 480, framesPerSecond: 10 });
    expect(clip).toMatchObject({ frameMicros: 100_000, largestFrameBytes: 20_480 });
  });

  test("is the folder's own, when it has one", async () => {
    const recorded = Buffer.from("any bytes at all");
    expect(await record(2, picturesFolder({ "garden.avi": recorded }))).toEqual(recorded);
  });

  test("fails honestly without a picture", async () => {
    const { feeder } = await meetCamera({ pictures: picturesFolder({}, []) });
    await feeder.order("command", { op: "clip", captureId: "c", seconds: 1 });
    const failed = { op: "clip", captureId: "c", ok: false, reason: "clip_failed" };
    expect(await feeder.answered("result")).toEqual(failed);
    await feeder.order("command", { op: "photo", captureId: "p" });
    const still = { op: "photo", captureId: "p", ok: false, reason: "still_failed" };
    expect(await feeder.answered("result")).toEqual(still);
  });

  test("fails honestly with pictures that are no JPEGs", async () => {
    const pictures = picturesFolder({ "0.jpg": Buffer.from("GIF89a, by mistake") }, []);
    const { feeder } = await meetCamera({ pictures });
    await feeder.order("command", { op: "clip", captureId: "c", seconds: 1 });
    expect(await feeder.answered("result")).toMatchObject({ reason: "clip_failed" });
  });

  test("ends where the memory does, and is whole", { timeout: 60_000 }, async () => {
    const big = Buffer.concat([STILLS[0] as Buffer, Buffer.alloc(5_000_001, 7)]);
    const { line, feeder } = await meetCamera({ pictures: picturesFolder({ "0.jpg": big }, []) });
    await feeder.order("command", { op: "clip", captureId: "c", seconds: 1 });
    const { size } = (await feeder.answered("offer")) as { size: number };
    // Three frames of 5 MB, padded, are what 16 MB hold.
    expect(size).toBe(224 + 3 * (8 + big.length + 1) + 8 + 3 * 16);
    expect(line.records).toMatchObject([{ kind: "took", media: "clip", size }]);
  });

  test("fills its memory to the last byte, index and all", { timeout: 60_000 }, async () => {
    const memoryBytes = 16 << 20;
    const exact = pictureOf(640, 480, memoryBytes - 224 - 8 - 8 - 16);
    const offered = async (picture: Buffer) => {
      const pictures = picturesFolder({ "0.jpg": picture }, []);
      const { line, feeder } = await meetCamera({ pictures });
      await feeder.order("command", { op: "clip", captureId: "c", seconds: 1 });
      await line.advance(line.nowMs + 1_300);
      return line.records;
    };
    expect(await offered(exact)).toMatchObject([{ kind: "took", size: memoryBytes }]);
    expect(await offered(Buffer.concat([exact, Buffer.alloc(1)]))).toEqual([]);
  });

  test("has its hash, whatever its length", async () => {
    const lengths = [1, 55, 56, 63, 64, 65, 119, 120, 127, 128, 129, 1000];
    const files = Object.fromEntries(
      lengths.map((length, index) => [
        `${String.fromCharCode(97 + index)}.jpg`,
        Buffer.alloc(length, index),
      ]),
    );
    const { line, feeder } = await meetCamera({ pictures: picturesFolder(files, []) });
    for (const captureId of Object.keys(files)) {
      await feeder.order("command", { op: "photo", captureId });
      const hash = sha256Hex(files[captureId] as Buffer);
      expect(await feeder.answered("offer")).toMatchObject({ captureId, sha256: hash });
    }
    expect(line.records).toHaveLength(lengths.length);
  });
});

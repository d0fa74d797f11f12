/** Both readers of the feeder's commands, the camera's and the TypeScript one, held to the same vectors. */
import { expect, test } from "vitest";
import { decodeRecord, parseCommand } from "../../../device/amb82-bridge/link/link-messages.ts";
import vectors from "../../../protocol/vectors/link-messages.json" with { type: "json" };
import { describeCamera } from "./lock-step-camera.ts";
import { endCamerasAfterEach, holdStill, meetCamera } from "./met-camera.ts";
import { pictureOf, picturesFolder } from "./pictures-folder.ts";
import { TYPE } from "./wire-frame.ts";

/** The longest that a command of the vectors takes. */
const CLIP_MS = 5_500;
const NETWORK = ["garden", "birds and more birds"];
/** One picture of each quality, by whose size it is known. */
const QUALITY_STEP_BYTES = 100;
const SMALLEST_BYTES = 1_000;
const sizeOf = (quality: number) => SMALLEST_BYTES + quality * QUALITY_STEP_BYTES;
const pictures = picturesFolder(
  Object.fromEntries(
    Array.from({ length: 9 }, (_, at) => [`a.q${at + 1}.jpg`, pictureOf(640, 480, sizeOf(at + 1))]),
  ),
);
const CLIP_FRAMES = 50;

/** A clip's frames have some bytes around them. */
function qualityOf(kind: string, sizeBytes: number): number {
  const frameBytes = kind === "still" ? sizeBytes : sizeBytes / CLIP_FRAMES;
  return Math.floor((frameBytes - SMALLEST_BYTES) / QUALITY_STEP_BYTES);
}

function parsedHere(payload: string) {
  const record = decodeRecord(Buffer.from(payload, "latin1"), 0, payload.length);
  return record === undefined ? undefined : parseCommand(record);
}

/** What the camera does on a command, in the command's own words. */
async function parsedThere(payload: string): Promise<unknown> {
  const { line, feeder } = await holdStill({ network: NETWORK, pictures });
  line.records.length = 0;
  await feeder.orderText("command", payload);
  await line.advance(line.nowMs + CLIP_MS);
  for (const record of line.records) {
    if (record.kind === "join") {
      const { ssid, passphrase } = record;
      return { op: "wifi_stage", ssid, passphrase };
    }
    if (record.kind === "upload") {
      const { url, headers } = record;
      return { op: "upload", id: 1, url, headers };
    }
  }
  const said = await line.next(({ type }) => type === TYPE.result || type === TYPE.offer);
  const { op, kind, captureId, size } = JSON.parse(said.payload.toString());
  if (kind === undefined) return { op };
  const quality = qualityOf(kind, size);
  return kind === "still"
    ? { op: "photo", captureId, quality }
    : { op: "clip", captureId, seconds: 5, quality };
}

test.each(vectors.commands)("TypeScript reads $name", ({ payload, parsed }) => {
  expect(parsedHere(payload)).toEqual(parsed);
});

test.each([...vectors.notCommands, ...vectors.notObjects])("TypeScript refuses $name", (vector) => {
  expect(parsedHere(vector.payload)).toBeUndefined();
});

describeCamera("the camera", () => {
  endCamerasAfterEach();

  test.each(vectors.commands)("reads $name", async ({ payload, parsed }) => {
    expect(await parsedThere(payload)).toEqual(parsed);
  });

  test.each(vectors.notCommands)("refuses $name", async ({ payload }) => {
    const { feeder } = await holdStill({ network: NETWORK });
    await feeder.orderText("command", payload);
    expect(await feeder.answered("result")).toMatchObject({ ok: false });
  });

  test.each([
    ...vectors.notObjects,
    { name: "a byte above 7f", payload: '{"op":"status","note":"\u00e9"}' },
    {
      name: "more than eight levels",
      payload: `{"op":"status","deep":${"[".repeat(8)}${"]".repeat(8)}}`,
    },
  ])("knows no command in $name", async ({ payload }) => {
    const { feeder } = await meetCamera();
    await feeder.orderText("command", payload);
    const unknown = { op: "", ok: false, reason: "unknown_op" };
    expect(await feeder.answered("result")).toEqual(unknown);
  });

  test("puts U+FFFD in the place of half a surrogate pair", async () => {
    const { line, feeder } = await meetCamera();
    const ssid = "\\ud83d|\\udc26|\\ud83d\\u0041";
    await feeder.orderText("command", `{"op":"wifi_stage","ssid":"${ssid}","passphrase":""}`);
    expect(line.records).toEqual([{ kind: "join", ssid: "\ufffd|\ufffd|\ufffdA", passphrase: "" }]);
  });

  test("takes 2048 bytes in pieces and drops what is longer", async () => {
    const { line, feeder } = await meetCamera();
    const padded = (length: number) => '{"op":"status"}'.padEnd(length);
    await feeder.orderText("command", padded(2048));
    expect(await feeder.answered("result")).toMatchObject({ op: "status" });
    await feeder.orderText("command", padded(2049));
    await line.advance(line.nowMs + 500);
    expect(line.frames.filter(({ type }) => type === TYPE.result)).toEqual([]);
    await feeder.order("command", { op: "status" });
    expect(await feeder.answered("result")).toMatchObject({ op: "status" });
  });
});

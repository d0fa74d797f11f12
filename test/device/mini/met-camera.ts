/** How most of these tests begin: a camera that runs and has met the feeder. */
import { afterEach, expect } from "vitest";
import { CameraOnALine } from "./camera-on-a-line.ts";
import { FeederByHand } from "./feeder-by-hand.ts";
import { picturesFolder } from "./pictures-folder.ts";
import { TYPE } from "./wire-frame.ts";

const folder = picturesFolder();
const lines: CameraOnALine[] = [];

export function newLine(picturesIn = folder): CameraOnALine {
  const line = new CameraOnALine(picturesIn);
  lines.push(line);
  return line;
}

/** After each test: no camera of it has stumbled. */
export function endCamerasAfterEach(): void {
  afterEach(async () => {
    for (const line of lines.splice(0)) {
      expect(await line.camera.end()).toEqual({ status: 0, errors: "" });
    }
  });
}

interface Meeting {
  readonly hello?: Parameters<FeederByHand["hello"]>[0];
  /** SSID and passphrase, as committed before. */
  readonly network?: readonly string[];
  readonly pictures?: string;
}

export async function meetCamera({ hello, network, pictures }: Meeting = {}) {
  const line = newLine(pictures);
  await line.boot(1, network);
  const feeder = new FeederByHand(line);
  await feeder.hello(hello);
  await line.next(({ type, payload }) => type === TYPE.hello && payload.includes('"answer":true'));
  return { line, feeder };
}

/** The camera has taken its first still and offered it as object 1. */
export async function holdStill(meeting: Meeting = {}) {
  const met = await meetCamera(meeting);
  await met.feeder.order("command", { op: "photo", captureId: "12-0a1b2c3d-4" });
  const offer = await met.feeder.answered("offer");
  return { ...met, offer };
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { FeederBoard } from "../../host-sim/board/board.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { bundleFirmware } from "../../host-sim/firmware.ts";
import { Internet } from "../../host-sim/network/internet.ts";
import { overSockets } from "../../host-sim/network/over-sockets.ts";
import { CameraBoard } from "../../host-sim/peers/camera.ts";
import { cameraProgram } from "../../host-sim/peers/camera-firmware.ts";
import { World } from "../../host-sim/world.ts";
import { startServer } from "../../server-min/node.ts";
import { drawnPictures } from "./pictures.ts";

const dataDir = mkdtempSync(join(tmpdir(), "skyfeeder-sockets-"));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

test("the same visit in real time over real sockets ends in the gallery and in the folder", async () => {
  const server = await startServer({ host: "127.0.0.1", port: 0, dataDir, notice: () => {} });
  if (server.kind === "failed") throw new Error(server.reason);
  const world = new World({ seed: 1, pace: "real", startedAtMs: Date.now() });
  const internet = new Internet(world, overSockets(server.url, server.url));
  const camera = new CameraBoard(world, "dev1", {
    internet,
    view: { still: drawnPictures() },
    firmware: cameraProgram,
  });
  const feeder = new FeederBoard(world, internet, camera, {
    deviceId: "dev1",
    serverUrl: server.url,
    firmware: await bundleFirmware(),
    engine: nodeEngine,
  });
  const stages: string[] = [];
  const viewer = await openViewer(server.url, (message) => {
    if (message.type === "event.upload_status") stages.push(String(message.payload?.status));
    if (stages.at(-1) === "gallery_ack") world.stop();
  });
  feeder.powerOn();
  world.after(0, () => feeder.visit(5_000, 120));
  await world.run(25_000);

  expect(stages).toEqual(["queued", "uploading", "success", "gallery_ack"]);
  const today = new Date(world.wallClockMs()).toISOString().slice(0, 10);
  const index = await (await fetch(`${server.url}/v1/index/dev1/${today}`)).json();
  expect(index).toMatchObject({ events: [{ kind: "photos" }] });
  viewer.close();
  feeder.powerOff();
  await server.close();
}, 40_000);

interface RoomMessage {
  readonly type: string;
  readonly payload?: { readonly status?: string };
}

async function openViewer(url: string, heard: (message: RoomMessage) => void): Promise<WebSocket> {
  const answer = await fetch(`${url}/v1/viewer-token`, { method: "POST" });
  const { token } = (await answer.json()) as { token: string };
  const viewer = new WebSocket(`${url.replace("http", "ws")}/v1/ws?token=${token}`);
  viewer.onmessage = ({ data }) => heard(JSON.parse(String(data)) as RoomMessage);
  await new Promise((opened) => {
    viewer.onopen = opened;
  });
  return viewer;
}

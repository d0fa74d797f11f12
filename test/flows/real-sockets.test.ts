import { expect, test } from "vitest";
import { FeederBoard } from "../../host-sim/board/board.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { bundleFirmware } from "../../host-sim/firmware.ts";
import { Internet } from "../../host-sim/network/internet.ts";
import { overSockets } from "../../host-sim/network/over-sockets.ts";
import { CameraBoard } from "../../host-sim/peers/camera.ts";
import { cameraProgram } from "../../host-sim/peers/camera-firmware.ts";
import { World } from "../../host-sim/world.ts";
import type { DayIndex } from "../../protocol/day-index.ts";
import type { ServerOptions } from "../../server-min/node.ts";
import { startServer } from "../../server-min/node.ts";
import { sha256Hex } from "../server-min/server-fixture.ts";
import { makeFolder } from "../server-min/started-server.ts";
import { bucketSettings, makeBucket, S3_ENDPOINT } from "../services/s3-service.ts";
import { drawnPictures } from "./pictures.ts";

test("the same visit in real time over real sockets ends in the gallery and in the folder", async () => {
  const { stages, index, server } = await playVisit({});
  expect(stages).toEqual(["queued", "uploading", "success", "gallery_ack"]);
  expect(index).toMatchObject({ events: [{ kind: "photos" }] });
  await server.close();
}, 120_000);

test("by the broker over real sockets as well, with each event once", async () => {
  const mqtt = { listen: "127.0.0.1:0" };
  const nvs = { "skyfeeder/transport": "mqtt" };
  const { stages, server, log, counted } = await playVisit({ mqtt }, nvs);
  expect(stages).toEqual(["queued", "uploading", "success", "gallery_ack"]);
  expect(log.filter((line) => line.includes("MQTT"))).toEqual([]);
  expect(counted).toMatchObject({ clients: 1, refused: 0 });
  await server.close();
}, 120_000);

test.skipIf(S3_ENDPOINT === undefined)(
  "with a bucket the feeder puts its photo there itself, and the gallery has it as soon",
  async () => {
    const place = await makeBucket();
    const settings = bucketSettings(place);
    const { stages, index, server, asked } = await playVisit({ objects: settings });
    expect(stages).toEqual(["queued", "uploading", "success", "gallery_ack"]);
    const [photo] = index.events;
    expect(asked).toContain(`PUT ${place.endpoint}/${place.bucket}/${photo?.key}`);
    const shown = await fetch(`${server.url}/v1/objects/${photo?.key}`);
    expect(shown.url).toContain(place.endpoint);
    expect(sha256Hex(await shown.bytes())).toBe(photo?.sha256);
    await server.close();
  },
  120_000,
);

/** What a viewer heard of the photo of a visit, its day, and what the feeder asked of whom. */
async function playVisit(storage: Pick<ServerOptions, "objects" | "mqtt">, nvs = {}) {
  const dataDir = await makeFolder();
  const options = { host: "127.0.0.1", port: 0, dataDir, notice: () => {}, ...storage };
  const server = await startServer(options);
  if (server.kind === "failed") throw new Error(server.reason);
  const world = new World({ seed: 1, pace: "real", startedAtMs: Date.now() });
  const sockets = overSockets(server.url, server.url);
  const asked: string[] = [];
  const log: string[] = [];
  const internet = new Internet(world, {
    ...sockets,
    request: (request) => {
      asked.push(`${request.method} ${request.url}`);
      return sockets.request(request);
    },
  });
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
    nvs,
    log: (line) => log.push(line),
  });
  const stages: string[] = [];
  const viewer = await openViewer(server.url, (message) => {
    if (message.type === "event.upload_status") stages.push(String(message.payload?.status));
    if (stages.at(-1) === "gallery_ack") world.stop();
  });
  feeder.powerOn();
  world.after(0, () => feeder.visit(5_000, 120));
  // Ends at the acknowledgement.
  await world.run(60_000);

  const { days } = await (await fetch(`${server.url}/v1/days/dev1`)).json();
  const answer = await fetch(`${server.url}/v1/index/dev1/${days[0].date}`);
  const index = (await answer.json()) as DayIndex;
  viewer.close();
  const counted = server.mqtt?.counters();
  feeder.powerOff();
  return { stages, index, server, asked, log, counted };
}

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

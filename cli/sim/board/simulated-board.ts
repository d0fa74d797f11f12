import { FeederBoard } from "../../../host-sim/board/board.ts";
import type { BoardOptions } from "../../../host-sim/board/board-options.ts";
import { Flash } from "../../../host-sim/board/flash.ts";
import { nodeEngine } from "../../../host-sim/engines/node.ts";
import { bundleFirmware } from "../../../host-sim/firmware.ts";
import { Internet } from "../../../host-sim/network/internet.ts";
import { overSockets } from "../../../host-sim/network/over-sockets.ts";
import { CameraBoard } from "../../../host-sim/peers/camera.ts";
import { cameraProgram } from "../../../host-sim/peers/camera-firmware.ts";
import { drawScene, renderJpeg } from "../../../host-sim/peers/scene.ts";
import type { World } from "../../../host-sim/world.ts";
import { readImageFile } from "../../firmware/inspect.ts";
import { done, type Outcome } from "../../outcome.ts";
import { parseServer } from "../../server/call.ts";
import type { BoardCommandOptions } from "./board-command.ts";
import { flashOf } from "./flash-file.ts";

const FLASH_BYTES = 4 * 1024 * 1024;

/** A board in real time, off; with the chip that was kept, else with what was asked for. */
export async function makeBoard(
  world: World,
  kept: Flash | undefined,
  options: BoardCommandOptions,
): Promise<Outcome<FeederBoard>> {
  const { deviceId } = options;
  const server = parseServer(options.server);
  if (server.kind === "failed") return server;
  const content = kept === undefined ? await freshContent(options) : done(kept);
  if (content.kind === "failed") return content;
  const serverUrl = server.value.href.replace(/\/$/, "");
  const internet = new Internet(world, overSockets(serverUrl, serverUrl));
  const random = world.random(`scene/${deviceId}`);
  const still = (capturedAtMs: number, quality: number) =>
    renderJpeg(
      drawScene({ capturedAtMs, utcOffsetMs: 0, visitNumber: 0, deviceId, random }),
      random,
      quality,
    );
  const camera = new CameraBoard(world, deviceId, {
    internet,
    firmware: cameraProgram,
    view: { still },
  });
  const board = { deviceId, serverUrl, engine: nodeEngine, firmware: content.value };
  return done(new FeederBoard(world, internet, camera, { ...board, bugsAreFatal: false }));
}

/** Without an image the firmware of this tree, provisioned for the garden. */
async function freshContent({
  erased,
  image,
}: BoardCommandOptions): Promise<Outcome<BoardOptions["firmware"]>> {
  if (erased === true) return done(new Flash(FLASH_BYTES));
  if (image === undefined) return done(await bundleFirmware());
  const read = await readImageFile(image);
  if (read.kind === "failed") return read;
  const { bytes, file } = read.value;
  if (file.kind === "merged") return done(flashOf(bytes));
  const { partitionCsv } = await bundleFirmware();
  return done({ image: bytes, slot: 0, partitionCsv });
}

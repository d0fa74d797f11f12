import type { FirmwareOptions } from "../../host-sim/firmware.ts";
import type { Props } from "./play-scenario.ts";
import { startVirtualServer } from "./server/virtual-server.ts";
import { buildFirmware, imageOf, SIGNING_KEYS } from "./update-world.ts";

/** As small as an image may be: few stories are about its download. */
const IMAGE_BYTES = 320_000;
const VERSION = "1.0.0";

/** Firmware, releases and server as they are in this tree; each is built once. */
export async function buildProps(options: FirmwareOptions = {}): Promise<Props> {
  const images = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  const build = async (version: string, sizeBytes: number) =>
    imageOf(await buildFirmware({ ...options, version }), sizeBytes);
  const image: Props["image"] = (version, sizeBytes = IMAGE_BYTES) => {
    const name = `${version}/${sizeBytes}`;
    const known = images.get(name) ?? build(version, sizeBytes);
    images.set(name, known);
    return known;
  };
  return {
    firmware: await buildFirmware({ ...options, version: VERSION }),
    image,
    startServer: (world, wanted) => startVirtualServer(world, SIGNING_KEYS[0], wanted),
  };
}

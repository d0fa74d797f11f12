import { encodeAppImage } from "../../host-sim/board/app-image.ts";
import { factoryImage } from "../../host-sim/board/factory-image.ts";
import { bundleFirmware } from "../../host-sim/firmware.ts";

/** The firmware as simulated boards run it: the application alone, or a whole flash. */
export async function simulatorImage(
  kind: "ota" | "factory",
  version: string,
  config: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const firmware = await bundleFirmware({ config, version });
  return kind === "ota" ? encodeAppImage(firmware) : factoryImage(firmware);
}

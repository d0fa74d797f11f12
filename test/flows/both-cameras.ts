import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cameraProgram } from "../../host-sim/peers/camera-firmware.ts";
import type { CameraFirmware } from "../../host-sim/peers/camera-host.ts";
import { startCompiledCamera } from "../../host-sim/peers/compiled-camera.ts";
import { buildMini } from "../../tools/mini-build.ts";
import { drawnPictures } from "./pictures.ts";

export interface TestedCamera {
  readonly name: string;
  /** For a new system; the one before is over. */
  firmware(): CameraFirmware;
  close(): void;
}

const PICTURES = 12;

/** The simulator's camera and, where there is a C++ compiler, the AMB82-Mini's own firmware in a process. */
export function bothCameras(qualities: readonly number[] = []): readonly TestedCamera[] {
  const simulated = { name: "simulated", firmware: () => cameraProgram, close: () => {} };
  const program = buildMini();
  if (program === undefined) {
    if (process.env.CI !== undefined) throw new Error("CI needs a C++ compiler");
    process.stderr.write("no C++ compiler: the compiled camera is left out\n");
    return [simulated];
  }
  return [simulated, compiled(program, qualities)];
}

/** A process for each system, one at a time, and a folder of pictures for all; of some qualities, some of their own. */
function compiled(program: string, qualities: readonly number[]): TestedCamera {
  const folder = mkdtempSync(join(tmpdir(), "skyfeeder-pictures-"));
  const pictures = drawnPictures();
  for (let index = 0; index < PICTURES; index++) {
    const name = String(index).padStart(2, "0");
    writeFileSync(join(folder, `${name}.jpg`), pictures());
    for (const quality of qualities) {
      writeFileSync(join(folder, `${name}.q${quality}.jpg`), pictures(undefined, quality));
    }
  }
  let running: { close(): void } | undefined;
  return {
    name: "compiled",
    firmware: () => {
      running?.close();
      const camera = startCompiledCamera(program, folder);
      running = camera;
      return camera.firmware;
    },
    close: () => {
      running?.close();
      rmSync(folder, { recursive: true });
    },
  };
}

import type { EnergyReport } from "../host-sim/board/energy-meter.ts";
import { HOME_WIFI } from "../host-sim/network/home-wifi.ts";
import { MINUTE_MS, startSystem } from "../test/flows/system.ts";

/** Above the 80 g at which a visit begins. */
const GRAMS = 120;
/** Of 27 kB each: the 0.77 MB of the first stack's clips. */
const CLIP_PICTURES = 28;

export interface Visit {
  readonly firstStillSeconds: number;
  readonly energy: EnergyReport;
}

/** One visit to a simulated feeder with its camera, which knows the network, and the server. */
export async function measureVisit(options: {
  readonly staySeconds: number;
  readonly clip: boolean;
}): Promise<Visit> {
  let spooledAtMs: number | undefined;
  const system = await startSystem({
    clips: options.clip,
    clipPictures: CLIP_PICTURES,
    watchTrace: (line) => {
      // The upload begins with the still's last byte in the spool.
      const [, atMs] = /^(\S+) http\/dev1 POST \/v1\/presign\/put/.exec(line) ?? [];
      if (atMs !== undefined) spooledAtMs ??= Number(atMs);
    },
  });
  const { world, feeder, camera } = system;
  camera.credentials = HOME_WIFI;
  world.after(MINUTE_MS, () => feeder.visit(options.staySeconds * 1000, GRAMS));
  await world.run(10 * MINUTE_MS);
  const [pulse] = system.pulses;
  if (pulse === undefined || spooledAtMs === undefined) throw new Error("no still came");
  if (camera.awake) throw new Error("the camera did not go back to sleep");
  return {
    firstStillSeconds: (spooledAtMs - pulse.atMs) / 1000,
    energy: system.cameraEnergy(),
  };
}

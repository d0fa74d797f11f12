import { numberedPictures } from "../../host-sim/peers/numbered-pictures.ts";
import { drawScene, renderJpeg } from "../../host-sim/peers/scene.ts";
import { randomStream } from "../../host-sim/random.ts";

const POOL_SIZE = 4;
let pool: readonly Uint8Array[] | undefined;

/** A few real stills, drawn and encoded once: encoding costs 0.2 s each, more than an hour of simulated feeder. */
function picturePool(): readonly Uint8Array[] {
  const random = randomStream(1, "pictures");
  pool ??= Array.from({ length: POOL_SIZE }, (_, visitNumber) => {
    const capturedAtMs = Date.UTC(2026, 5, 1, 5 + 4 * visitNumber);
    const svg = drawScene({ capturedAtMs, utcOffsetMs: 0, visitNumber, deviceId: "dev1", random });
    return renderJpeg(svg, random);
  });
  return pool;
}

/** A different picture at every call. */
export function drawnPictures(): () => Uint8Array {
  return numberedPictures("visit", picturePool());
}

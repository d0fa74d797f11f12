import { numberedPictures } from "../../host-sim/peers/numbered-pictures.ts";
import { drawScene, renderJpeg } from "../../host-sim/peers/scene.ts";
import { randomStream } from "../../host-sim/random.ts";

const POOL_SIZE = 4;
const USUAL_QUALITY = 5;
const pools = new Map<number, readonly Uint8Array[]>();

/** A few real stills, drawn and encoded once: encoding costs 0.2 s each, more than an hour of simulated feeder. */
function picturePool(quality: number): readonly Uint8Array[] {
  const known = pools.get(quality);
  if (known !== undefined) return known;
  const random = randomStream(1, "pictures");
  const pool = Array.from({ length: POOL_SIZE }, (_, visitNumber) => {
    const capturedAtMs = Date.UTC(2026, 5, 1, 5 + 4 * visitNumber);
    const svg = drawScene({ capturedAtMs, utcOffsetMs: 0, visitNumber, deviceId: "dev1", random });
    return renderJpeg(svg, random, quality);
  });
  pools.set(quality, pool);
  return pool;
}

/** A different picture at every call, as a camera's view. */
export function drawnPictures(): (capturedAtMs?: number, quality?: number) => Uint8Array {
  const next = new Map<number, () => Uint8Array>();
  return (_capturedAtMs, quality = USUAL_QUALITY) => {
    const pictures = next.get(quality) ?? numberedPictures("visit", picturePool(quality));
    next.set(quality, pictures);
    return pictures();
  };
}

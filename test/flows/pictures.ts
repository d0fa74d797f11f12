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

/**
 * A different picture at every call: one of the pool with a comment segment that numbers it, which is still a valid
 * baseline JPEG.
 */
export function numberedPictures(): () => Uint8Array {
  let count = 0;
  return () => {
    const picture = picturePool()[count % POOL_SIZE] as Uint8Array;
    const comment = Buffer.from(`visit ${++count}`);
    const segment = Buffer.alloc(4 + comment.length);
    segment.writeUInt16BE(0xfffe, 0);
    segment.writeUInt16BE(2 + comment.length, 2);
    comment.copy(segment, 4);
    return Buffer.concat([picture.subarray(0, 2), segment, picture.subarray(2)]);
  };
}

const SOI_BYTES = 2;
const COMMENT = 0xfffe;

/**
 * A different picture at every call: the next of the pool with a comment segment that numbers it, which leaves a valid
 * baseline JPEG.
 */
export function numberedPictures(name: string, pool: readonly Uint8Array[]): () => Uint8Array {
  let count = 0;
  return () => {
    const picture = pool[count % pool.length] as Uint8Array;
    const comment = Buffer.from(`${name} ${++count}`);
    const segment = Buffer.alloc(4 + comment.length);
    segment.writeUInt16BE(COMMENT, 0);
    segment.writeUInt16BE(2 + comment.length, 2);
    comment.copy(segment, 4);
    return Buffer.concat([picture.subarray(0, SOI_BYTES), segment, picture.subarray(SOI_BYTES)]);
  };
}

/** Segments of a JPEG without any picture: drawing one takes 0.2 s, more than hours of a simulated feeder. */
export function filledPicture(sizeBytes: number): Uint8Array {
  const picture = Buffer.alloc(sizeBytes, 0xa5);
  picture.writeUInt16BE(0xffd8, 0);
  picture.writeUInt16BE(COMMENT, 2);
  picture.writeUInt16BE(sizeBytes - 6, 4);
  picture.writeUInt16BE(0xffd9, sizeBytes - 2);
  return picture;
}

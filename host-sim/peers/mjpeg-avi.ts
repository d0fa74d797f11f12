/** A clip as the camera makes it: JPEGs in an AVI (RIFF), the one container its SDK can fill without a card. */

const FRAME_HEADER_BYTES = 8;
const INDEX_ENTRY_BYTES = 16;
/** From "RIFF" to the first frame: fixed for one stream of MJPEG. */
const HEADER_BYTES = 224;
const KEY_FRAME = 0x10;
const HAS_INDEX = 0x10;

export interface AviFormat {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
}

export function mjpegAvi(jpegs: readonly Uint8Array[], format: AviFormat): Uint8Array {
  const padded = jpegs.map((jpeg) => jpeg.length + (jpeg.length % 2));
  const moviBytes = 4 + padded.reduce((sum, length) => sum + FRAME_HEADER_BYTES + length, 0);
  const indexBytes = jpegs.length * INDEX_ENTRY_BYTES;
  const totalBytes = HEADER_BYTES - 4 + moviBytes + 8 + indexBytes;
  const avi = new AviBytes(totalBytes);
  writeHeader(avi, totalBytes, moviBytes, jpegs, format);
  const offsets = jpegs.map((jpeg, index) => {
    const at = avi.at;
    avi.text("00dc").uint32(jpeg.length).bytes(jpeg);
    avi.at = at + FRAME_HEADER_BYTES + (padded[index] as number);
    return at - (HEADER_BYTES - 4);
  });
  avi.text("idx1").uint32(indexBytes);
  jpegs.forEach((jpeg, index) => {
    avi
      .text("00dc")
      .uint32(KEY_FRAME)
      .uint32(offsets[index] as number)
      .uint32(jpeg.length);
  });
  return avi.whole;
}

function writeHeader(
  avi: AviBytes,
  totalBytes: number,
  moviBytes: number,
  jpegs: readonly Uint8Array[],
  { width, height, framesPerSecond }: AviFormat,
): void {
  const largest = Math.max(0, ...jpegs.map(({ length }) => length));
  avi
    .text("RIFF")
    .uint32(totalBytes - 8)
    .text("AVI ");
  avi.text("LIST").uint32(192).text("hdrl");
  avi
    .text("avih")
    .uint32(56)
    .uint32(Math.round(1e6 / framesPerSecond));
  avi
    .uint32(largest * framesPerSecond)
    .uint32(0)
    .uint32(HAS_INDEX)
    .uint32(jpegs.length);
  avi.uint32(0).uint32(1).uint32(largest).uint32(width).uint32(height);
  avi.uint32(0).uint32(0).uint32(0).uint32(0);
  avi.text("LIST").uint32(116).text("strl");
  avi.text("strh").uint32(56).text("vids").text("MJPG").uint32(0).uint32(0).uint32(0);
  avi.uint32(1).uint32(framesPerSecond).uint32(0).uint32(jpegs.length).uint32(largest);
  avi
    .uint32(0xffffffff)
    .uint32(0)
    .uint32(0)
    .uint32(width | (height << 16));
  avi
    .text("strf")
    .uint32(40)
    .uint32(40)
    .uint32(width)
    .uint32(height)
    .uint32(1 | (24 << 16));
  avi
    .text("MJPG")
    .uint32(width * height * 3)
    .uint32(0)
    .uint32(0)
    .uint32(0)
    .uint32(0);
  avi.text("LIST").uint32(moviBytes).text("movi");
}

class AviBytes {
  readonly whole: Uint8Array;
  readonly #view: DataView;
  at = 0;

  constructor(lengthBytes: number) {
    this.whole = new Uint8Array(lengthBytes);
    this.#view = new DataView(this.whole.buffer);
  }

  text(fourCharacters: string): this {
    for (const character of fourCharacters) this.whole[this.at++] = character.charCodeAt(0);
    return this;
  }

  uint32(value: number): this {
    this.#view.setUint32(this.at, value, true);
    this.at += 4;
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.whole.set(bytes, this.at);
    this.at += bytes.length;
    return this;
  }
}

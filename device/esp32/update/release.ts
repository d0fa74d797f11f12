import type { OfferedManifest, UnsignedImage } from "../../../protocol/update-messages.ts";

/** An image to install, as its offer was accepted: what of it is signed has been verified. */
export interface Release {
  readonly version: string;
  /** Empty for an unsigned image: it is known when the image is in flash. */
  readonly elfSha256: string;
  /** 0 for an unsigned image. */
  readonly sequence: number;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly url: string;
  /** Whatever the hour and the battery. */
  readonly force: boolean;
  /** What it was accepted from, to be checked anew after a restart. */
  readonly source: OfferedManifest | UnsignedImage;
}

export function isSigned(source: OfferedManifest | UnsignedImage): source is OfferedManifest {
  return "jws" in source;
}

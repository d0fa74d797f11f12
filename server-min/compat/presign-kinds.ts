import type { MediaKind } from "../../protocol/media.ts";
import { MEDIA_TYPES } from "../../protocol/media.ts";

/** The first stack's names: thumbs are photos, uploads are whatever was left undecided there. */
export const PRESIGN_KINDS = ["photos", "clips", "thumb", "uploads"] as const;

type PresignKind = (typeof PRESIGN_KINDS)[number];

const DECIDED: Readonly<Partial<Record<PresignKind, MediaKind>>> = {
  photos: "photos",
  clips: "clips",
  thumb: "photos",
};

/** A client of the first stack may leave out the kind, the type or both: then the name's ending decides. */
export function mediaOf(request: {
  readonly kind?: PresignKind | undefined;
  readonly contentType?: string | undefined;
  readonly objectKey?: string | undefined;
}): { readonly kind: MediaKind; readonly contentType: string } {
  const type = request.contentType ?? typeOfEnding(request.objectKey);
  const decided = request.kind && DECIDED[request.kind];
  const kind = decided ?? MEDIA_TYPES[type ?? ""]?.kind ?? "photos";
  // Its clips without any hint are MJPEG in AVI.
  return { kind, contentType: type ?? (kind === "clips" ? "video/avi" : "image/jpeg") };
}

function typeOfEnding(objectKey: string | undefined): string | undefined {
  const known = Object.entries(MEDIA_TYPES);
  return known.find(([, { extension }]) => objectKey?.endsWith(`.${extension}`))?.[0];
}

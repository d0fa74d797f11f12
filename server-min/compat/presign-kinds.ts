import type { MediaKind } from "../../protocol/media.ts";

/** The first stack's names for photos; a request without a kind means photos there too. */
export const PRESIGN_KINDS = ["photos", "clips", "thumb", "uploads"] as const;

type PresignKind = (typeof PRESIGN_KINDS)[number];

export function mediaKindOf(
  kind: PresignKind | undefined,
  contentType: string | undefined,
): MediaKind {
  if (kind === undefined) return contentType?.startsWith("video/") ? "clips" : "photos";
  return kind === "clips" ? "clips" : "photos";
}

/** A camera of the first stack may leave the type out; its clips are MJPEG in AVI. */
export function contentTypeOf(kind: MediaKind, objectKey: string | undefined): string {
  if (kind === "photos") return objectKey?.endsWith(".png") ? "image/png" : "image/jpeg";
  return objectKey?.endsWith(".mp4") ? "video/mp4" : "video/avi";
}

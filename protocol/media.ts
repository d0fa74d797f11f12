/** What may be uploaded, and where it lands: one table for the key's folder, the file ending and the bound. */
export type MediaKind = "photos" | "clips";

export interface MediaType {
  readonly kind: MediaKind;
  readonly extension: string;
}

export const MEDIA_TYPES: Readonly<Record<string, MediaType>> = {
  "image/jpeg": { kind: "photos", extension: "jpg" },
  "image/png": { kind: "photos", extension: "png" },
  "video/mp4": { kind: "clips", extension: "mp4" },
  "video/avi": { kind: "clips", extension: "avi" },
};

/**
 * A 640x480 still is 15 to 120 kB and a full-HD one below 1 MB; a 10 s clip at 4 Mbit/s is 5 MB.
 * The bounds leave room above both and still stop a body that fills the disk.
 */
export const OBJECT_BYTES_MAX: Readonly<Record<MediaKind, number>> = {
  photos: 4 * 1024 * 1024,
  clips: 32 * 1024 * 1024,
};

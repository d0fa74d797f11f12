/** `812 B`, `20 kB`, `1.4 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** `1 photo`, `12 photos`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `12 photos, 1 clip`; what there is none of is left out. */
export function mediaText(media: readonly { readonly kind: string }[], adjective = ""): string {
  const clips = media.filter(({ kind }) => kind === "clips").length;
  const photos = media.length - clips;
  const texts = [];
  if (photos > 0) texts.push(countText(photos, `${adjective}photo`));
  if (clips > 0) texts.push(countText(clips, `${adjective}clip`));
  return texts.join(", ");
}

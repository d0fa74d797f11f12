import type { Photo } from "./answers.ts";
import { EmptyDay, NoAnswer } from "./empty-states.tsx";
import { Icon } from "./icons.tsx";
import { PhotoImage } from "./photo-image.tsx";
import { mediaText, sizeText } from "./size-text.ts";
import { dayView, heldBack, photoHref, shownDate, viewedId } from "./state.ts";
import { clockOnDayText } from "./time-text.ts";

/** As many as fill the first screen, so that nothing jumps when the answer comes. */
const SKELETON_TILES = [..."abcdef"];

export function Gallery({ retryNow }: { retryNow: () => void }) {
  const view = dayView.value;
  switch (view.name) {
    case "loading":
      return <Skeleton />;
    case "failed":
      return <NoAnswer refusal={view.refusal} retryNow={retryNow} />;
    case "ready":
      return view.photos.length === 0 ? <EmptyDay /> : <Tiles photos={view.photos} />;
  }
}

export function Skeleton() {
  return (
    <div class="photos">
      {SKELETON_TILES.map((name) => (
        <div key={name} class="photo skeleton" />
      ))}
      <p class="spoken">Loading photos</p>
    </div>
  );
}

function Tiles({ photos }: { photos: readonly Photo[] }) {
  const shown = photos.filter((photo) => !isHeldBack(photo));
  // The large tile is for the newest photo: a clip has no picture of its own.
  const newest = shown.findIndex(({ kind }) => kind === "photos");
  if (newest > 0) shown.unshift(...shown.splice(newest, 1));
  return (
    <>
      <HeldBack photos={photos.filter(isHeldBack)} />
      <ul class="photos">
        {shown.map((photo) => (
          <PhotoTile key={photo.key} photo={photo} />
        ))}
      </ul>
    </>
  );
}

function isHeldBack({ key }: Photo): boolean {
  return heldBack.value.includes(key);
}

function PhotoTile({ photo }: { photo: Photo }) {
  const time = clockOnDayText(photo.ts, shownDate.value);
  return (
    <li class="photo">
      <a id={tileId(photo)} href={photoHref(photo)}>
        <PhotoImage photo={photo} alt={`Photo from ${photo.deviceId}, ${time}`} />
        <span class="caption">
          <time dateTime={new Date(photo.ts).toISOString()}>{time}</time>
          {viewedId.value === undefined && (
            <span class="whose" title={photo.deviceId}>
              {photo.deviceId}
            </span>
          )}
          <span class="size">{sizeText(photo.bytes)}</span>
        </span>
      </a>
    </li>
  );
}

export function tileId(photo: { deviceId: string; id: string }): string {
  return `photo-${photo.deviceId}-${photo.id}`;
}

function HeldBack({ photos }: { photos: readonly Photo[] }) {
  if (photos.length === 0) return null;
  return (
    <button type="button" class="held-back" onClick={() => scrollTo({ top: 0 })}>
      <Icon name="up" />
      {mediaText(photos, "new ")}
    </button>
  );
}

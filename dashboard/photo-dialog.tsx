import { useLayoutEffect, useRef } from "preact/hooks";
import type { Photo } from "./answers.ts";
import { mediaAddress } from "./api.ts";
import { tileId } from "./gallery.tsx";
import { Icon } from "./icons.tsx";
import { PhotoImage } from "./photo-image.tsx";
import { formatRoute } from "./routes.ts";
import { sizeText } from "./size-text.ts";
import { dayView, photoHref, photosInView, route, shownDate, today } from "./state.ts";
import { exactClockText, fileTimeText, shortDayText, zoneText } from "./time-text.ts";

/** The photo the address names, over everything else. */
export function PhotoDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const opened = useOpening(dialog);
  const name = route.value.photo;
  const close = () => dialog.current?.close();
  return (
    <dialog
      ref={dialog}
      class="viewer"
      aria-label="Photo"
      onClose={() => leavePhoto(opened.current)}
      onKeyDown={(event) => turnByKey(event.key)}
    >
      {name !== undefined && <Viewer photo={findPhoto()} close={close} />}
    </dialog>
  );
}

type Opening = "by address" | "from the page";

/** Opens and closes the dialog as the address says, and puts the focus back on the photo last looked at. */
function useOpening(dialog: { readonly current: HTMLDialogElement | null }) {
  const opened = useRef<Opening>("by address");
  const hasBeenClosed = useRef(false);
  const lastTile = useRef("");
  const name = route.value.photo;
  const isOpen = name !== undefined;
  if (name !== undefined) lastTile.current = tileId(name);
  useLayoutEffect(() => {
    if (isOpen) {
      opened.current = hasBeenClosed.current ? "from the page" : "by address";
      dialog.current?.showModal();
      return;
    }
    hasBeenClosed.current = true;
    dialog.current?.close();
    document.getElementById(lastTile.current)?.focus();
  }, [isOpen]);
  return opened;
}

/** Back to where the reader was; who came by a link to the photo goes to its day. */
function leavePhoto(opened: Opening): void {
  if (route.value.photo === undefined) return;
  if (opened === "from the page") history.back();
  else location.replace(formatRoute({ ...route.value, photo: undefined }));
}

function Viewer({ photo, close }: { photo: Photo | undefined; close: () => void }) {
  return (
    <>
      <header>
        {photo === undefined ? <p /> : <ViewerTitle photo={photo} />}
        {photo !== undefined && (
          <a class="tool" href={mediaAddress(photo.key)} download={fileName(photo)}>
            <Icon name="save" />
            Save
          </a>
        )}
        <button type="button" class="tool" onClick={close}>
          <Icon name="close" />
          Close
        </button>
      </header>
      {photo === undefined ? <NoPhoto /> : <Stage photo={photo} />}
    </>
  );
}

function ViewerTitle({ photo }: { photo: Photo }) {
  return (
    <h2>
      {exactClockText(photo.ts)} <span>{zoneText(photo.ts) ?? "UTC"}</span>
      <small>
        {photo.deviceId}, {shortDayText(shownDate.value, today.value)}, {sizeText(photo.bytes)}
      </small>
    </h2>
  );
}

function Stage({ photo }: { photo: Photo }) {
  const index = photosInView.value.indexOf(photo);
  const alt = `Photo from ${photo.deviceId}, ${exactClockText(photo.ts)}`;
  return (
    <>
      <div class="stage">
        <PhotoImage key={photo.key} photo={photo} alt={alt} isLarge />
        <NearbyImages index={index} />
      </div>
      <footer>
        <Turn step={-1} text="Newer" />
        <p>
          {index + 1} of {photosInView.value.length}
        </p>
        <Turn step={1} text="Older" />
      </footer>
    </>
  );
}

/** Fetched ahead, so that an arrow key shows the next photo at once. */
function NearbyImages({ index }: { index: number }) {
  const nearby = [index - 1, index + 1].map((near) => photosInView.value[near]);
  return nearby.map(
    (photo) =>
      photo?.kind === "photos" && (
        <img key={photo.key} src={mediaAddress(photo.key)} alt="" hidden decoding="async" />
      ),
  );
}

function Turn({ step, text }: { step: -1 | 1; text: string }) {
  return (
    <button
      type="button"
      class="tool"
      aria-disabled={photoBeside(step) === undefined}
      onClick={() => turn(step)}
    >
      {step === -1 && <Icon name="left" />}
      {text}
      {step === 1 && <Icon name="right" />}
    </button>
  );
}

function NoPhoto() {
  const isLoading = dayView.value.name === "loading";
  if (isLoading) return <p class="stage">Loading</p>;
  return (
    <p class="stage">
      {dayView.value.name === "failed"
        ? "The server does not answer."
        : "This photo is not in the gallery any more."}
    </p>
  );
}

function turnByKey(key: string): void {
  if (key === "ArrowLeft") turn(-1);
  if (key === "ArrowRight") turn(1);
}

/** Turning pages leaves one entry in the browser's history: back always means the gallery. */
function turn(step: -1 | 1): void {
  const photo = photoBeside(step);
  if (photo !== undefined) location.replace(photoHref(photo));
}

function photoBeside(step: -1 | 1): Photo | undefined {
  const shown = findPhoto();
  return shown && photosInView.value[photosInView.value.indexOf(shown) + step];
}

function findPhoto(): Photo | undefined {
  const name = route.value.photo;
  return photosInView.value.find(
    ({ deviceId, id }) => deviceId === name?.deviceId && id === name.id,
  );
}

/** The time in UTC, so that files of one feeder sort as they were taken. */
function fileName({ deviceId, ts, key }: Photo): string {
  return `${deviceId}-${fileTimeText(ts)}${key.slice(key.lastIndexOf("."))}`;
}

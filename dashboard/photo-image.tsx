import { useState } from "preact/hooks";
import type { Photo } from "./answers.ts";
import { mediaAddress } from "./api.ts";
import { Icon } from "./icons.tsx";
import { joinings } from "./state.ts";

/** A photo that did not come is asked for again after each reconnection, and whenever the reader wants. */
export function PhotoImage(props: { photo: Photo; alt: string; isLarge?: boolean }) {
  const { photo, alt, isLarge } = props;
  const [hasFailed, fail, forget] = useFailure();
  if (photo.kind === "clips") {
    // What the camera can make, Motion JPEG in an AVI, most browsers do not play.
    if (!isLarge || hasFailed) return <ClipTile text={isLarge ? "Save it to play it" : "Clip"} />;
    // biome-ignore lint/a11y/useMediaCaption: nobody speaks at a bird feeder
    return <video src={mediaAddress(photo.key)} controls aria-label={alt} onError={fail} />;
  }
  if (hasFailed) return <BrokenImage retry={isLarge ? forget : undefined} />;
  return (
    <img
      key={photo.key}
      src={mediaAddress(photo.key)}
      alt={alt}
      loading={isLarge ? "eager" : "lazy"}
      decoding="async"
      onError={fail}
    />
  );
}

/** A feeder's newest photo, beside its name. */
export function FeederImage({ photoKey }: { photoKey: string }) {
  const [hasFailed, fail] = useFailure();
  return hasFailed ? (
    <span class="portrait no-image">
      <Icon name="photo" />
    </span>
  ) : (
    <img class="portrait" src={mediaAddress(photoKey)} alt="" loading="lazy" onError={fail} />
  );
}

/** Holds until the next reconnection. */
function useFailure() {
  const [failedAt, setFailedAt] = useState<number>();
  return [
    failedAt === joinings.value,
    () => setFailedAt(joinings.value),
    () => setFailedAt(undefined),
  ] as const;
}

function ClipTile({ text }: { text: string }) {
  return (
    <span class="no-image">
      <Icon name="play" />
      {text}
    </span>
  );
}

function BrokenImage({ retry }: { retry: (() => void) | undefined }) {
  return (
    <span class="no-image">
      <Icon name="photo" />
      This photo did not load
      {retry !== undefined && (
        <button type="button" class="quiet" onClick={retry}>
          Try again
        </button>
      )}
    </span>
  );
}

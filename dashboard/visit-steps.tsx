import { photoHref, photosInView, visit } from "./state.ts";
import { durationText } from "./time-text.ts";
import { VISIT_STEPS, type VisitProgress } from "./visit-progress.ts";

/** What became of the visit that was asked for, from the click to the photo. */
export function VisitSteps() {
  const shown = visit.value;
  if (shown === undefined) return null;
  const { end } = shown;
  return (
    <div class="visit" data-end={end?.name} role="status">
      <ol>
        {VISIT_STEPS.map((step, index) => (
          <li key={step} data-step={stepState(shown, index)}>
            <span class="mark" aria-hidden="true" />
            {step}
          </li>
        ))}
      </ol>
      <p>{outcome(shown)}</p>
    </div>
  );
}

function stepState({ done, end }: VisitProgress, index: number): string {
  if (index < done) return "done";
  if (index > done || end?.name === "unseen") return "ahead";
  return end?.name === "failed" ? "failed" : "now";
}

function outcome({ deviceId, end, hitch, done, isResting }: VisitProgress) {
  const waiting = isResting && done === 0 ? `${REST}. It looks again in a moment.` : WAITING[done];
  if (end === undefined) return hitch ?? waiting;
  if (end.name === "unseen") {
    return `${REST}, and took this bird for the one before. Try again in a moment.`;
  }
  if (end.name === "failed") return `No new photo from ${deviceId}: ${end.reason}.`;
  const photo = photosInView.value.find(({ key }) => key === end.key);
  const took = `from ${deviceId}, ${durationText(end.tookMs)} after the click.`;
  if (photo === undefined) return `A photo ${took}`;
  return (
    <>
      <a href={photoHref(photo)}>A photo</a> {took}
    </>
  );
}

const REST = "The feeder rests for a few seconds after a visit";

const WAITING = [
  "Asking a bird to land.",
  "Waking the camera.",
  "Uploading the photo.",
  "Putting it in the gallery.",
] as const;

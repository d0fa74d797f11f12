import { computed } from "@preact/signals";
import { Icon } from "./icons.tsx";
import { dayView, live, nowMs } from "./state.ts";
import { clockText } from "./time-text.ts";

const WORDS = {
  idle: "Connecting",
  connecting: "Connecting",
  filling: "Connecting",
  live: "Live",
  waiting: "Not connected",
} as const;

export function ConnectionState() {
  const { name } = live.value;
  return (
    <p class="connection" data-state={name}>
      <span class="dot" aria-hidden="true" />
      {WORDS[name]}
    </p>
  );
}

const lostSince = computed(() => {
  const state = live.value;
  return state.name === "idle" ? undefined : state.lostAtMs;
});

export const nextTry = computed(() => {
  const state = live.value;
  if (state.name !== "waiting") return "Trying now.";
  const seconds = Math.ceil((state.retryAtMs - nowMs.value) / 1000);
  return seconds > 0 ? `Next try in ${seconds} s.` : "Trying now.";
});

export function LostConnection({ retryNow }: { retryNow: () => void }) {
  const hasPhotos = dayView.value.name === "ready";
  if (lostSince.value === undefined || !hasPhotos) return null;
  return (
    <div class="notice">
      <Icon name="warning" />
      <p>
        <strong>The server has not answered since {clockText(lostSince.value)}.</strong> New photos
        come when it is back. <span class="nowrap">{nextTry}</span>
      </p>
      <button type="button" class="quiet" onClick={retryNow}>
        Try now
      </button>
    </div>
  );
}

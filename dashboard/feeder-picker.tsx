import { computed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Feeder } from "./answers.ts";
import { FeederImage } from "./photo-image.tsx";
import { formatRoute } from "./routes.ts";
import { countText } from "./size-text.ts";
import { addressed, feeders, nowMs, route, viewedId } from "./state.ts";
import { Strip } from "./strip.tsx";
import { agoText } from "./time-text.ts";

const isAllInView = computed(() => addressed.value !== undefined && viewedId.value === undefined);

/** One feeder needs no picker: its state stands under the day's heading. */
export function FeederPicker() {
  const all = feeders.value ?? [];
  if (all.length < 2) return null;
  const photosToday = all.reduce((sum, feeder) => sum + feeder.photosToday, 0);
  const online = all.filter((feeder) => feeder.online).length;
  return (
    <Strip name="feeders" label="Feeders" current={viewedId.value} length={all.length}>
      <li>
        <a href={hrefOf(undefined)} aria-current={isAllInView.value ? "page" : undefined}>
          <span class="feeder-name">All feeders</span>
          <span class="feeder-state">
            {online} of {all.length} online, {countText(photosToday, "photo")} today
          </span>
        </a>
      </li>
      {all.map((feeder) => (
        <FeederLink key={feeder.deviceId} feeder={feeder} />
      ))}
    </Strip>
  );
}

function FeederLink({ feeder }: { feeder: Feeder }) {
  const { deviceId, name, lastPhotoKey, photosToday } = feeder;
  const isShown = deviceId === viewedId.value;
  return (
    <li>
      <a href={hrefOf(deviceId)} aria-current={isShown ? "page" : undefined}>
        {lastPhotoKey !== undefined && <FeederImage key={lastPhotoKey} photoKey={lastPhotoKey} />}
        <span class="feeder-name" title={deviceId}>
          {name}
        </span>
        <FeederState feeder={feeder}>
          {photosToday > 0 && `, ${countText(photosToday, "photo")} today`}
        </FeederState>
      </a>
    </li>
  );
}

export function FeederState(props: { feeder: Feeder; children?: ComponentChildren }) {
  const { online, lastSeenTs } = props.feeder;
  const seen =
    lastSeenTs === undefined ? "Not seen yet" : `Last seen ${agoText(lastSeenTs, nowMs.value)}`;
  return (
    <span class="feeder-state" data-online={online}>
      <span class="dot" aria-hidden="true" />
      <span>
        {online ? "Online" : seen}
        {props.children}
      </span>
    </span>
  );
}

/** The same day at another feeder. */
function hrefOf(deviceId: string | undefined): string {
  return formatRoute({ deviceId, date: route.value.date, photo: undefined });
}

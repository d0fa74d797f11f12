import type { ComponentChildren } from "preact";
import type { Feeder } from "./answers.ts";
import { mediaAddress } from "./api.ts";
import { formatRoute } from "./routes.ts";
import { feeders, nowMs, route, viewedId } from "./state.ts";
import { agoText } from "./time-text.ts";

/** One feeder needs no picker: its state stands under the day's heading. */
export function FeederPicker() {
  const all = feeders.value ?? [];
  if (all.length < 2) return null;
  const photosToday = all.reduce((sum, feeder) => sum + feeder.photosToday, 0);
  const online = all.filter((feeder) => feeder.online).length;
  return (
    <nav class="feeders" aria-label="Feeders">
      <ul>
        <li>
          <a
            href={hrefOf(undefined)}
            aria-current={viewedId.value === undefined ? "page" : undefined}
          >
            <span class="feeder-name">All feeders</span>
            <span class="feeder-state">
              {online} of {all.length} online, {photosToday} today
            </span>
          </a>
        </li>
        {all.map((feeder) => (
          <FeederLink key={feeder.deviceId} feeder={feeder} />
        ))}
      </ul>
    </nav>
  );
}

function FeederLink({ feeder }: { feeder: Feeder }) {
  const { deviceId, lastPhotoKey, photosToday } = feeder;
  const isShown = deviceId === viewedId.value;
  return (
    <li>
      <a href={hrefOf(deviceId)} aria-current={isShown ? "page" : undefined}>
        {lastPhotoKey !== undefined && (
          <img src={mediaAddress(lastPhotoKey)} alt="" width="44" height="44" loading="lazy" />
        )}
        <span class="feeder-name">{deviceId}</span>
        <FeederState feeder={feeder}>{photosToday > 0 && `, ${photosToday} today`}</FeederState>
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

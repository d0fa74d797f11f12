import { signal } from "@preact/signals";
import { Icon } from "./icons.tsx";
import { type EventRow, eventRows, photoHref, photosInView, viewedId } from "./state.ts";
import { exactClockText } from "./time-text.ts";

const wide = matchMedia("(min-width: 62rem)");
const isWide = signal(wide.matches);
wide.addEventListener("change", () => {
  isWide.value = wide.matches;
});

/** Beside the photos where there is room; where there is not, a bar with the latest line that opens upwards. */
export function EventList() {
  const rows = eventRows.value.filter(isInView);
  const heading = <h2 id="events-heading">Happening now</h2>;
  return (
    <aside class="events" aria-labelledby="events-heading">
      {isWide.value ? (
        <>
          {heading}
          <Rows rows={rows} />
        </>
      ) : (
        <details>
          <summary>
            {heading}
            <span class="latest">{rows[0]?.text}</span>
            <Icon name="chevron" />
          </summary>
          <Rows rows={rows} />
        </details>
      )}
    </aside>
  );
}

function isInView({ deviceId }: EventRow): boolean {
  return deviceId === undefined || viewedId.value === undefined || deviceId === viewedId.value;
}

function Rows({ rows }: { rows: readonly EventRow[] }) {
  if (rows.length === 0) {
    return <p class="nothing">Visits, photos and uploads appear here as they happen.</p>;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard cannot scroll it otherwise
    <ol tabIndex={0} aria-label="Events, newest first">
      {rows.map((row, index) => (
        <Row key={row.id} row={row} isNamed={isNamed(row, rows[index - 1])} />
      ))}
    </ol>
  );
}

/** Among several feeders a run of rows names its feeder once, at its top. */
function isNamed(row: EventRow, above: EventRow | undefined): boolean {
  return viewedId.value === undefined && row.deviceId !== above?.deviceId;
}

function Row({ row, isNamed }: { row: EventRow; isNamed: boolean }) {
  const { icon, tone, text, ts, deviceId, photoKey } = row;
  const photo = photosInView.value.find(({ key }) => key === photoKey);
  return (
    <li data-tone={tone} data-icon={icon}>
      {isNamed && <strong>{deviceId}</strong>}
      <Icon name={icon} />
      <p>{photo === undefined ? text : <a href={photoHref(photo)}>{text}</a>}</p>
      <time dateTime={new Date(ts).toISOString()}>{exactClockText(ts)}</time>
    </li>
  );
}

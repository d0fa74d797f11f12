import { computed } from "@preact/signals";
import { ConnectionState, LostConnection } from "./connection-state.tsx";
import { DayHeading } from "./day-heading.tsx";
import { DayPicker } from "./day-picker.tsx";
import { BrokenLink } from "./empty-states.tsx";
import { EventList } from "./event-list.tsx";
import { FeederPicker } from "./feeder-picker.tsx";
import { Gallery, Skeleton } from "./gallery.tsx";
import type { LiveConnection } from "./live-socket.ts";
import { PhotoDialog } from "./photo-dialog.tsx";
import { addressed, dayView, feeders, spoken, troubles } from "./state.ts";
import { VisitSteps } from "./visit-steps.tsx";

export function Page({ connection }: { connection: LiveConnection }) {
  const retryNow = () => connection.retryNow();
  return (
    <>
      <header class="masthead">
        <a class="brand" href="#/">
          SkyFeeder
        </a>
        <nav>
          <a href="fleet">Fleet</a>
          <form method="post" action="logout">
            <button type="submit">Log out</button>
          </form>
        </nav>
        <ConnectionState />
      </header>
      <main>
        <Troubles />
        <LostConnection retryNow={retryNow} />
        {isStarting.value ? <Skeleton /> : <Content retryNow={retryNow} />}
      </main>
      <PhotoDialog />
      <p class="spoken" role="status">
        {spoken}
      </p>
    </>
  );
}

/** Until the feeders are known nothing has its place, and what is not there cannot move. */
const isStarting = computed(() => feeders.value === undefined && dayView.value.name === "loading");

function Content({ retryNow }: { retryNow: () => void }) {
  return (
    <>
      <FeederPicker />
      <div class="columns">
        <section class="day" aria-labelledby="day-heading">
          {addressed.value === undefined ? <BrokenLink /> : <Day retryNow={retryNow} />}
        </section>
        <EventList />
      </div>
    </>
  );
}

function Day({ retryNow }: { retryNow: () => void }) {
  return (
    <>
      <DayHeading />
      <VisitSteps />
      <DayPicker />
      <Gallery retryNow={retryNow} />
    </>
  );
}

function Troubles() {
  if (troubles.value.length === 0) return null;
  return (
    <div class="notice" role="alert">
      <p>
        <strong>Something in this page went wrong.</strong> What you see may be out of date.
      </p>
      <ul>
        {troubles.value.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      <button type="button" class="quiet" onClick={() => location.reload()}>
        Load the page again
      </button>
    </div>
  );
}

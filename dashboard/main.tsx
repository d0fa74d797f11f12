import { effect } from "@preact/signals";
import { render } from "preact";
import { every, readClock } from "./browser-time.ts";
import { followAddress, isReadingBelow, showHeldBack } from "./day-photos.ts";
import { startLiveFeed } from "./live-feed.ts";
import { Page } from "./page.tsx";
import { parseRoute } from "./routes.ts";
import { addressed, dayTitle, nowMs, troubles, viewedId } from "./state.ts";

function showTrouble(text: string): void {
  if (!troubles.value.includes(text)) troubles.value = [...troubles.value, text];
}

addEventListener("error", (event) => showTrouble(event.message));
addEventListener("unhandledrejection", (event) => showTrouble(String(event.reason)));
addEventListener("hashchange", () => {
  addressed.value = parseRoute(location.hash);
});
addEventListener("scroll", () => isReadingBelow() || showHeldBack(), { passive: true });
every(1000, () => {
  nowMs.value = readClock();
});

effect(() => {
  const place = viewedId.value === undefined ? "" : ` at ${viewedId.value}`;
  document.title = `${dayTitle.value}${place} · SkyFeeder`;
});
followAddress();
const connection = startLiveFeed();
render(<Page connection={connection} />, document.body);

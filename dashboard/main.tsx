import { render } from "preact";
import { every, readClock } from "./browser-time.ts";
import { followAddress } from "./day-photos.ts";
import { startLiveFeed } from "./live-feed.ts";
import { Page } from "./page.tsx";
import { parseRoute } from "./routes.ts";
import { nowMs, route, troubles } from "./state.ts";

function showTrouble(text: string): void {
  if (!troubles.value.includes(text)) troubles.value = [...troubles.value, text];
}

addEventListener("error", (event) => showTrouble(event.message));
addEventListener("unhandledrejection", (event) => showTrouble(String(event.reason)));
addEventListener("hashchange", () => {
  route.value = parseRoute(location.hash);
});
every(1000, () => {
  nowMs.value = readClock();
});

followAddress();
const connection = startLiveFeed();
render(<Page connection={connection} />, document.body);

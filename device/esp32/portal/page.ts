import { PORTAL_PAGE_BYTES_MAX } from "../limits.ts";
import type { NearbyNetwork } from "../ports.ts";
import { LOOK_AGAIN_SCRIPT, STYLE } from "./page-style.ts";
import { PROBLEM_FIELDS, PROBLEM_WORDS } from "./page-words.ts";
import type { PortalProblem, PortalState, Submission } from "./portal-state.ts";

/** What the page shows. */
export interface PortalView {
  /** The feeder's own network. */
  readonly network: string;
  /** In every form: another site's page, which cannot read this one, does not know it. */
  readonly token: string;
  readonly nearby: readonly NearbyNetwork[];
  readonly draft: Submission;
  readonly state: PortalState;
}

/** One document of ASCII, so that its characters are its bytes. */
export function renderPage(view: PortalView): string {
  const { state } = view;
  const waits = state.kind !== "form" && state.kind !== "online";
  const before = `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>SkyFeeder set-up</title>
<style>${STYLE}</style>${waits ? REFRESH : ""}</head><body><main tabindex="-1"${waits ? " data-waits" : ""}>`;
  const after = `</main>${waits ? `<script nonce="${view.token}">${LOOK_AGAIN_SCRIPT}</script>` : ""}</body></html>`;
  const room = PORTAL_PAGE_BYTES_MAX - before.length - after.length;
  return before + renderMain(view, room) + after;
}

/** Where there are no scripts. A phone that has just lost the network would be left with the browser's own error. */
const REFRESH = `<noscript><meta http-equiv="refresh" content="5"></noscript>`;

function renderMain(view: PortalView, room: number): string {
  const { state, draft } = view;
  const ssid = escapeHtml(draft.wifi.ssid);
  const server = escapeHtml(draft.serverUrl);
  switch (state.kind) {
    case "form":
      return renderForm(view, state.problem, room);
    case "looking":
      return `<h1>Looking for networks</h1><p role="status">This takes some seconds.</p>${LOOK_AGAIN}`;
    case "joining":
      return `<h1>Trying ${ssid}</h1><p role="status">This takes up to half a minute. If your phone leaves the network
${escapeHtml(view.network)} meanwhile, join it again.</p>${LOOK_AGAIN}`;
    case "asking":
      return `<h1>${ssid} works</h1><p role="status">Asking the server at ${server}.</p>${LOOK_AGAIN}`;
    case "waiting":
      return renderClaim(state.claimCode, server);
    case "online":
      return `<h1>The feeder is online</h1><p role="status">It starts anew now and closes this network. Its photos
will be at ${server}.</p>`;
  }
}

const LOOK_AGAIN = `<p><a href="/">Look again</a></p>`;

function renderClaim(claimCode: string | undefined, server: string): string {
  if (claimCode === undefined) {
    return `<h1>The server does not know this feeder yet</h1><p role="status">Asking for a code.</p>${LOOK_AGAIN}`;
  }
  return `<h1>One step left</h1><p>Whoever runs the server at ${server} lets the feeder in by this claim code:</p>
<p class="code" role="status">${escapeHtml(claimCode)}</p><p>It is asked for at ${server}/fleet. This page sees when
that is done. You may also close it: the feeder keeps its network, and shows a new code on its serial log.</p>${LOOK_AGAIN}`;
}

function renderForm(view: PortalView, problem: PortalProblem | undefined, room: number): string {
  const { draft, token } = view;
  const field = problem === undefined ? undefined : PROBLEM_FIELDS[problem];
  const about = (name: string): string =>
    field === name ? ` aria-invalid="true" aria-describedby="problem"` : "";
  const hidden = `<input type="hidden" name="token" value="${token}">`;
  const alert =
    problem === undefined ? "" : `<p id="problem" role="alert">${PROBLEM_WORDS[problem]}</p>`;
  const isListed = view.nearby.some(({ ssid }) => ssid === draft.wifi.ssid);
  const before = `<h1>Set up this feeder</h1><p>It is ${escapeHtml(view.network)}, and needs your Wi-Fi and the address
of your server.</p>${alert}<form method="post" action="/setup">${hidden}
<label for="ssid">Wi-Fi network</label><select id="ssid" name="ssid"${about("ssid")}>`;
  const after = `<option value="">Another one</option></select>
<label for="other">Its name, if it is not in the list</label>
<input id="other" name="other" maxlength="32" autocapitalize="none" autocomplete="off" value="${isListed ? "" : escapeHtml(draft.wifi.ssid)}">
<label for="password">Its password, where it has one</label>
<input id="password" name="password" type="password" maxlength="64" autocomplete="off"${about("password")}>
<label for="server">Server</label>
<input id="server" name="server" type="url" required maxlength="80" placeholder="http://192.168.1.10:8080" value="${escapeHtml(draft.serverUrl)}"${about("server")}>
<label for="name">Name of the feeder, if you like</label>
<input id="name" name="name" maxlength="32" autocomplete="off" value="${escapeHtml(draft.name)}"${about("name")}>
<button>Connect</button></form>
<form method="post" action="/scan">${hidden}<button class="quiet">Look for networks again</button></form>`;
  return before + renderOptions(view, room - before.length - after.length) + after;
}

/** The strongest come first; those that would make the page too long are left out. */
function renderOptions({ nearby, draft }: PortalView, room: number): string {
  let options = "";
  for (const network of nearby) {
    const option = renderOption(network, network.ssid === draft.wifi.ssid);
    if (options.length + option.length > room) break;
    options += option;
  }
  return options;
}

function renderOption({ ssid, rssiDbm, secured }: NearbyNetwork, isChosen: boolean): string {
  const name = escapeHtml(ssid);
  const about = `${strengthOf(rssiDbm)}${secured ? "" : ", open"}`;
  return `<option value="${name}"${isChosen ? " selected" : ""}>${name} (${about})</option>`;
}

/** What an ESP32 makes of it: below -80 dBm uploads begin to fail. */
function strengthOf(rssiDbm: number): string {
  if (rssiDbm >= -60) return "strong";
  return rssiDbm >= -75 ? "good" : "weak";
}

/** Everything beyond printable ASCII as a number. */
export function escapeHtml(text: string): string {
  let escaped = "";
  for (const character of text) {
    const isPlain = character >= " " && character <= "~" && !`&<>"'`.includes(character);
    escaped += isPlain ? character : `&#${character.codePointAt(0) ?? 0};`;
  }
  return escaped;
}

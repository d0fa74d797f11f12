import { html } from "hono/html";
import { isRecord, parseJson } from "../../protocol/json.ts";
import type { Markup } from "./document.ts";
import { NOTHING } from "./document.ts";
import type { AuditEntry } from "./fleet-page.ts";
import { momentText } from "./time-text.ts";

/** A release's notes may be longer than anybody reads here. */
const CHANGE_CHARACTERS_MAX = 200;

export function auditSection(entries: readonly AuditEntry[]): Markup {
  return html`
    <section aria-labelledby="log">
      <h2 id="log">What was done</h2>
      ${entries.length === 0 ? NOTHING_YET : html`<ol class="log">${entries.map(entryRow)}</ol>`}
      <p class="hint">The last 50, in UTC. All of them: <code>npm run -s skyfeeder -- audit</code></p>
    </section>`;
}

const NOTHING_YET = html`<p class="empty">Nothing yet. What operators do appears here.</p>`;

function entryRow(entry: AuditEntry): Markup {
  const { at_ms, who, action } = entry;
  const isTold = WORDS[action] !== undefined || action === "name_device";
  const change = isTold ? "" : changeText(entry);
  return html`
    <li>
      ${momentText(at_ms)} <strong>${who}</strong>
      <span>${actionWords(entry)} ${change === "" ? NOTHING : html`<code>${change}</code>`}</span>
    </li>`;
}

/** `%` is what it was done to. */
const WORDS: Readonly<Record<string, string>> = {
  log_in: "logged in from %",
  log_out: "logged out from %",
  log_in_refused: "tried a wrong password from %",
  approve_device: "let % in",
  deny_device: "turned % away",
  issue_device_token: "gave % a token",
  revoke_device: "put % out",
  make_api_key: "made the key %",
  revoke_api_key: "revoked the key %",
};

/** "let porch in" */
export function actionWords(entry: AuditEntry): string {
  if (entry.action === "name_device") return namingWords(entry);
  const template = WORDS[entry.action] ?? `${entry.action.replaceAll("_", " ")} %`;
  return template.replace("%", () => nameIn(entry.after) ?? nameIn(entry.before) ?? entry.target);
}

function namingWords({ target, before, after }: AuditEntry): string {
  const name = nameIn(after);
  if (name !== undefined) return `named ${target} ${name}`;
  return `took the name ${nameIn(before) ?? ""} of ${target} back`;
}

/** A key's; its id says nothing to anybody. */
function nameIn(json: string | null): string | undefined {
  const value = json === null ? undefined : parseJson(json);
  return isRecord(value) && typeof value.name === "string" ? value.name : undefined;
}

function changeText({ before, after }: AuditEntry): string {
  const text = [before, after].filter((json) => json !== null).join(" → ");
  return text.length > CHANGE_CHARACTERS_MAX ? `${text.slice(0, CHANGE_CHARACTERS_MAX)}…` : text;
}

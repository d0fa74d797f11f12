import { html } from "hono/html";
import type { MadeApiKey } from "../identity/api-keys.ts";
import { spoken } from "./device-sections.ts";
import type { Markup } from "./document.ts";
import { NOTHING } from "./document.ts";
import { entryForm } from "./entry-form.ts";
import type { FleetView, Mistake } from "./fleet-page.ts";
import { agoText } from "./time-text.ts";

export function keySection({ keys, made, mistake, nowMs }: FleetView): Markup {
  return html`
    <section aria-labelledby="keys">
      <h2 id="keys">API keys</h2>
      ${made === undefined ? NOTHING : madeNotice(made)}
      ${keys.length === 0 ? NO_KEYS : html`<ul class="rows">${keys.map((key) => keyRow(key, nowMs))}</ul>`}
      ${nameForm(mistake?.field === "name" ? mistake : undefined)}
    </section>`;
}

const NO_KEYS = html`
  <p class="empty">No program has a key. Make one below, or log a computer's command in:
  <code>npm run -s skyfeeder -- login</code></p>`;

function madeNotice({ name, key }: MadeApiKey): Markup {
  return html`
    <div class="notice done" role="status">
      <p><strong>The key of ${name}.</strong> Copy it now: it is not shown again.</p>
      <input class="key" readonly autofocus aria-label="The key of ${name}" value="${key}">
    </div>`;
}

function keyRow({ id, name, createdTs }: FleetView["keys"][number], nowMs: number): Markup {
  return html`
    <li>
      <div>
        <h3>${name}</h3>
        <p class="facts"><span>skf_${id}_…</span> <span>made ${agoText(createdTs, nowMs)}</span></p>
      </div>
      <details class="actions">
        <summary>Revoke${spoken(name)}</summary>
        <form method="post" action="fleet">
          <input type="hidden" name="id" value="${id}">
          <p>Whatever program has this key is refused at once.</p>
          <button name="do" value="revoke_key">Revoke ${name}</button>
        </form>
      </details>
    </li>`;
}

function nameForm(mistake: Mistake | undefined): Markup {
  return entryForm({
    name: "name",
    label: "Name of a new key",
    typing: html`maxlength="64"`,
    action: "make_key",
    button: "Make a key",
    hint: "Of the program that gets it, so that you know later what a key is for.",
    mistake: mistake && { typed: mistake.typed, words: nameWords(mistake) },
  });
}

function nameWords({ code }: Mistake): string {
  return code === "name_taken"
    ? "A key has, or had, this name. Choose another."
    : "Up to 64 letters, digits, spaces, dots, dashes; a letter or digit first.";
}

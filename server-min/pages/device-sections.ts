import { html } from "hono/html";
import type { Enrolment } from "../storage/enrolments.ts";
import type { Markup } from "./document.ts";
import { NOTHING } from "./document.ts";
import { entryForm } from "./entry-form.ts";
import type { FleetView, Mistake, ShownDevice } from "./fleet-page.ts";
import { agoText } from "./time-text.ts";

export function waitingSection({ waiting, accepted, nowMs, mistake }: FleetView): Markup {
  const known = new Set(accepted.map(({ deviceId }) => deviceId));
  return html`
    <section aria-labelledby="waiting">
      <h2 id="waiting">Waiting for approval</h2>
      ${waiting.length === 0 ? NOBODY_WAITS : html`<ul class="rows">${waiting.map((enrolment) => waitingRow(enrolment, known, nowMs))}</ul>`}
      ${codeForm(mistake?.field === "code" ? mistake : undefined)}
    </section>`;
}

const NOBODY_WAITS = html`
  <p class="empty">No feeder waits. Switch a new one on: it asks to be let in as soon as it reaches this
  server, and prints its claim code on its serial line.</p>`;

function waitingRow(enrolment: Enrolment, known: ReadonlySet<string>, nowMs: number): Markup {
  const { claim_code: code, device_id: id, address, requested_at_ms: askedMs } = enrolment;
  const warning = known.has(id)
    ? html`<p class="mistake">A feeder of this name is in already; approving puts that one out.</p>`
    : NOTHING;
  return html`
    <li>
      <div>
        <h3><code>${code}</code> ${id}</h3>
        <p class="facts"><span>asked ${agoText(askedMs, nowMs)}</span> <span>from ${address}</span></p>
        ${warning}
      </div>
      <form method="post" action="fleet" class="actions">
        <input type="hidden" name="code" value="${code}">
        <button name="do" value="approve">Approve${spoken(id)}</button>
        <button name="do" value="deny" class="quiet">Deny${spoken(id)}</button>
      </form>
    </li>`;
}

function codeForm(mistake: Mistake | undefined): Markup {
  return entryForm({
    name: "code",
    label: "Claim code",
    typing: html`maxlength="32" spellcheck="false" autocapitalize="characters"`,
    action: "approve",
    button: "Approve",
    hint: "Eight letters, as the feeder shows them, for example WDJB-MJHT.",
    mistake: mistake && { typed: mistake.typed, words: codeWords(mistake) },
  });
}

function codeWords({ code }: Mistake): string {
  return code === "not_found"
    ? "No feeder waits with this code. After half an hour a feeder shows a new one."
    : "This is no claim code: it has eight consonants.";
}

export function acceptedSection({ accepted, isCut, nowMs, mistake }: FleetView): Markup {
  return html`
    <section aria-labelledby="accepted">
      <h2 id="accepted">Feeders let in</h2>
      ${accepted.length === 0 ? NOBODY_IN : html`<ul class="rows">${accepted.map((device) => acceptedRow(device, nowMs, mistake?.deviceId === device.deviceId ? mistake : undefined))}</ul>`}
      ${isCut ? html`<p class="hint">These are the first ${accepted.length}.</p>` : NOTHING}
    </section>`;
}

const NOBODY_IN = html`<p class="empty">No feeder is in yet. Those you approve above appear here.</p>`;

function acceptedRow(device: ShownDevice, nowMs: number, mistake: Mistake | undefined): Markup {
  const { deviceId, name, sinceMs, isOnline, lastSeenMs } = device;
  const seen = lastSeenMs === 0 ? "not seen yet" : html`seen ${agoText(lastSeenMs, nowMs)}`;
  return html`
    <li>
      <div>
        <h3>${name ?? deviceId}</h3>
        <p class="facts">
          ${name === null ? NOTHING : html`<span>${deviceId}</span>`}
          <span data-online="${isOnline}"><span class="dot"></span> ${isOnline ? "Online" : seen}</span>
          <span>in since ${agoText(sinceMs, nowMs)}</span>
        </p>
      </div>
      ${renaming(device, mistake)}
      <details class="actions">
        <summary>Revoke${spoken(deviceId)}</summary>
        <form method="post" action="fleet">
          <input type="hidden" name="device" value="${deviceId}">
          <p>It is out at once, and has to be approved again. Its photos stay.</p>
          <button name="do" value="revoke_device">Revoke ${deviceId}</button>
        </form>
      </details>
    </li>`;
}

function renaming({ deviceId, name }: ShownDevice, mistake: Mistake | undefined): Markup {
  const id = `name-${deviceId}`;
  const told = mistake && html`aria-invalid="true" aria-describedby="${id}-mistake" autofocus`;
  const words = mistake && html`<p class="mistake" id="${id}-mistake">${namingWords(mistake)}</p>`;
  return html`
    <details class="actions" ${mistake === undefined ? NOTHING : html`open`}>
      <summary>Name${spoken(deviceId)}</summary>
      <form method="post" action="fleet">
        <input type="hidden" name="device" value="${deviceId}">
        <label for="${id}">Name of ${deviceId}</label>
        <input id="${id}" name="deviceName" autocomplete="off" maxlength="32"
          value="${mistake?.typed ?? name ?? ""}" ${told ?? NOTHING}>
        ${words ?? NOTHING}
        <p class="hint">Empty: as it was called when it was set up.</p>
        <button name="do" value="name_device">Rename${spoken(deviceId)}</button>
      </form>
    </details>`;
}

function namingWords({ code }: Mistake): string {
  return code === "not_found"
    ? "It has not come yet since it was let in: name it when it has."
    : "A name has 32 bytes at most, and no control characters.";
}

/** What a row's button is about: seen by its place, heard by its name. */
export function spoken(name: string): Markup {
  return html`<span class="spoken"> ${name}</span>`;
}

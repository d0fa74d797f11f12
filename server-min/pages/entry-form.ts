import { html } from "hono/html";
import type { Markup } from "./document.ts";
import { NOTHING } from "./document.ts";

/** One field with its button, and beside it what was wrong with what was typed. */
export function entryForm(field: {
  readonly name: string;
  readonly label: string;
  /** Attributes of the field itself: its length, how it is typed. */
  readonly typing: Markup;
  readonly action: string;
  readonly button: string;
  readonly hint: string;
  readonly mistake: { readonly typed: string; readonly words: string } | undefined;
}): Markup {
  const { name, mistake } = field;
  const described = mistake === undefined ? `${name}-hint` : `${name}-mistake ${name}-hint`;
  const told =
    mistake === undefined ? NOTHING : html`value="${mistake.typed}" aria-invalid="true" autofocus`;
  return html`
    <form method="post" action="fleet" class="entry">
      <label for="${name}">${field.label}</label>
      <div>
        <input id="${name}" name="${name}" required autocomplete="off" ${field.typing}
          aria-describedby="${described}" ${told}>
        <button name="do" value="${field.action}">${field.button}</button>
      </div>
      ${mistake === undefined ? NOTHING : html`<p class="mistake" id="${name}-mistake">${mistake.words}</p>`}
      <p class="hint" id="${name}-hint">${field.hint}</p>
    </form>`;
}

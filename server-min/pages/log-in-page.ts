import { html } from "hono/html";
import type { Refusal } from "../problem-answer.ts";
import type { Markup, PageParts } from "./document.ts";
import { NOTHING } from "./document.ts";
import { waitText } from "./time-text.ts";

const COMMAND = "npm run -s skyfeeder -- password";

export interface LogInTrouble {
  readonly refusal: Refusal;
  readonly waitSeconds: number;
}

/** The form names no address of its own: it goes to the page's, with the place a photo's link named in it. */
export function logInPage(trouble?: LogInTrouble): PageParts {
  const main = html`
    <section class="narrow" aria-labelledby="heading">
      <h1 id="heading">Log in</h1>
      <form method="post">
        <input type="text" name="username" value="admin" autocomplete="username" hidden>
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password"
          maxlength="1000" required autofocus ${trouble === undefined ? NOTHING : INVALID}>
        ${trouble === undefined ? NOTHING : html`<p class="mistake" id="mistake">${words(trouble)}</p>`}
        <button type="submit">Log in</button>
      </form>
      <p class="hint">
        Lost it? On the server's own machine, <code>${COMMAND}</code> sets another one.
      </p>
    </section>`;
  return { title: trouble === undefined ? "Log in" : "Not logged in", main };
}

const INVALID: Markup = html`aria-invalid="true" aria-describedby="mistake"`;

function words({ refusal, waitSeconds }: LogInTrouble): string {
  if (waitSeconds > 0)
    return `Too many wrong tries. The next one counts in ${waitText(waitSeconds)}.`;
  if (refusal.code === "password_wrong") return "That is not the password.";
  return "The form came from another address than the server's own. Behind a proxy, set publicUrl.";
}

/** There is nothing to log in to. */
export function openServerPage(): PageParts {
  const main = html`
    <section class="narrow" aria-labelledby="heading">
      <h1 id="heading">No password is set</h1>
      <p>Whoever reaches this server may see everything and act as any feeder, so there is nothing to log in to.</p>
      <p class="hint"><code>${COMMAND}</code> sets one; the server asks for it from its next start on.</p>
      <p><a href="./">Show the photos</a></p>
    </section>`;
  return { title: "No password is set", main };
}

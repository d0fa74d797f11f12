import type { Context } from "hono";
import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** Text of a page, with everything that was put into it escaped. */
export type Markup = ReturnType<typeof html>;

export const NOTHING: Markup = html``;

/** These pages have no script and nothing of anybody else's; whoever frames them wants their clicks. */
const POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export interface PageParts {
  readonly title: string;
  readonly main: Markup;
  /** Beside the name in the head of the page. */
  readonly links?: Markup;
}

/** Answers with a page in the look of the gallery. Addresses are relative: a proxy may serve them below a path. */
export function answerPage(c: Context, status: ContentfulStatusCode, parts: PageParts) {
  c.header("Content-Security-Policy", POLICY);
  c.header("Cache-Control", "no-store");
  // Browsers tell no Origin of a form whose page sends no referrer at all.
  c.header("Referrer-Policy", "same-origin");
  return c.html(documentOf(parts), status);
}

function documentOf({ title, main, links = NOTHING }: PageParts): Markup {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="theme-color" content="#f5f6f4" media="(prefers-color-scheme: light)">
    <meta name="theme-color" content="#121615" media="(prefers-color-scheme: dark)">
    <title>${title} · SkyFeeder</title>
    <link rel="icon" href="icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="operator.css">
  </head>
  <body>
    <header class="masthead">
      <a class="brand" href="./">SkyFeeder</a>
      ${links}
    </header>
    <main>${main}</main>
  </body>
</html>`;
}

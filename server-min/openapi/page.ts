import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import { isRecord } from "../../protocol/json.ts";
import type { describeApi } from "./document.ts";

type Document = Awaited<ReturnType<typeof describeApi>>;

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
details { border-top: 1px solid color-mix(in srgb, currentcolor 20%, transparent); padding: .5rem 0; }
summary { cursor: pointer; }
code, pre { font: 14px/1.4 ui-monospace, monospace; }
pre { overflow: auto; padding: .75rem; background: color-mix(in srgb, currentcolor 8%, transparent); }
h2 { text-transform: capitalize; margin-top: 2rem; }
`;

/** It loads nothing, runs nothing and is shown in no other page. */
export const API_PAGE_HEADERS = {
  "Content-Security-Policy": [
    "default-src 'none'",
    `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "Referrer-Policy": "no-referrer",
  "X-Frame-Options": "DENY",
};

/** The document for people: one page without a script, that needs no network but this server. */
export function apiPage({ info, paths }: Document) {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods ?? {}).flatMap(([method, operation]) =>
      isRecord(operation) ? [{ path, method, operation }] : [],
    ),
  );
  const byTag = Map.groupBy(operations, ({ operation }) => String(operation.tags));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title} API</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<h1>${info.title} API ${info.version}</h1>
<p>${info.description} The same for programs: <a href="openapi.json">openapi.json</a>.</p>
${[...byTag].map(([tag, listed]) => html`<h2>${tag}</h2>${listed.map(describeOperation)}`)}
</body>
</html>`;
}

function describeOperation({ path, method, operation }: Listed) {
  const { summary, parameters, requestBody, responses } = operation;
  return html`<details id="${operation.operationId}">
<summary><code>${method.toUpperCase()} ${path}</code> ${summary}</summary>
${parameters === undefined ? "" : html`<h3>Parameters</h3>${code(parameters)}`}
${requestBody === undefined ? "" : html`<h3>Request</h3>${code(requestBody)}`}
<h3>Answers</h3>${code(responses)}
</details>
`;
}

interface Listed {
  readonly path: string;
  readonly method: string;
  readonly operation: Readonly<Record<string, unknown>>;
}

function code(value: unknown) {
  return html`<pre>${JSON.stringify(value, null, 2)}</pre>`;
}

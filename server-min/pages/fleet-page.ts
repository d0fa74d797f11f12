import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Selectable } from "kysely";
import type { ProblemCode } from "../../protocol/problem.ts";
import type { MadeApiKey } from "../identity/api-keys.ts";
import type { Enrolment } from "../storage/enrolments.ts";
import type { Database } from "../storage/schema.ts";
import { actionWords, auditSection } from "./audit-section.ts";
import { acceptedSection, waitingSection } from "./device-sections.ts";
import type { Markup, PageParts } from "./document.ts";
import { NOTHING } from "./document.ts";
import { keySection } from "./key-section.ts";

export type AuditEntry = Selectable<Database["audit_log"]>;

/** Of a form that could not be done; it is shown again with what was typed. */
export interface Mistake {
  readonly field: "code" | "name" | "deviceName";
  /** The device that was to be named. */
  readonly deviceId?: string;
  readonly typed: string;
  readonly code: ProblemCode;
  readonly status: ContentfulStatusCode;
}

export interface FleetView {
  readonly nowMs: number;
  /** Newest first. */
  readonly waiting: readonly Enrolment[];
  readonly accepted: readonly ShownDevice[];
  /** There are more than are shown. */
  readonly isCut: boolean;
  readonly keys: readonly {
    readonly id: string;
    readonly name: string;
    readonly createdTs: number;
  }[];
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** The newest entry is what this reader just did. */
  readonly isDone?: boolean;
  readonly mistake?: Mistake | undefined;
  readonly made?: MadeApiKey | undefined;
}

export interface ShownDevice {
  readonly deviceId: string;
  readonly name: string | null;
  readonly sinceMs: number;
  readonly isOnline: boolean;
  /** 0 for never. */
  readonly lastSeenMs: number;
}

export function fleetPage(view: FleetView): PageParts {
  const main = html`
    <h1>Fleet</h1>
    ${doneNotice(view)}
    ${waitingSection(view)}
    ${acceptedSection(view)}
    ${keySection(view)}
    ${auditSection(view.entries)}`;
  return { title: view.mistake === undefined ? "Fleet" : "Not done: Fleet", main, links: LINKS };
}

const LINKS = html`
  <nav aria-label="Pages">
    <a href="./">Photos</a>
    <form method="post" action="logout"><button type="submit">Log out</button></form>
  </nav>`;

function doneNotice({ isDone, entries: [newest] }: FleetView): Markup {
  if (isDone !== true || newest === undefined) return NOTHING;
  return html`<p class="notice done" role="status">Done: ${actionWords(newest)}.</p>`;
}

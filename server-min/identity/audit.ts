import type { Context } from "hono";
import type { AppPorts } from "../ports.ts";
import { insertAuditEntry } from "../storage/audit-log.ts";

/** Something an operator did, or somebody tried. `before` and `after` are what changed, as JSON values. */
export interface AuditNote {
  readonly who: string;
  readonly action: string;
  /** Of the device, release, key or address it was done to. */
  readonly target: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Who did what, kept in the database. */
export class Audit {
  readonly #ports: Pick<AppPorts, "sql" | "clock">;

  constructor(ports: Pick<AppPorts, "sql" | "clock">) {
    this.#ports = ports;
  }

  /** For the one who made the request. */
  async did(c: Context, note: Omit<AuditNote, "who">): Promise<void> {
    const principal = c.get("principal");
    await this.note({
      ...note,
      who: principal.kind === "operator" ? principal.name : principal.kind,
    });
  }

  async note({ who, action, target, before, after }: AuditNote): Promise<void> {
    await insertAuditEntry(this.#ports.sql, {
      ...{ at_ms: this.#ports.clock.nowMs(), who, action, target },
      before: before === undefined ? null : JSON.stringify(before),
      after: after === undefined ? null : JSON.stringify(after),
    });
  }
}

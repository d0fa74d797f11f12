import type { MediaKind } from "../../protocol/media.ts";
import type { AppPorts } from "../ports.ts";

/** Adding up a million rows takes a quarter of a second, and scrapers come every 15 s. */
const KEPT_MS = 60_000;

type Ports = Pick<AppPorts, "metrics" | "sql" | "clock">;

interface Figures {
  readonly kind: MediaKind;
  readonly count: number;
  readonly bytes: number;
}

export function addStorageFigures(ports: Ports): void {
  const { metrics, clock } = ports;
  let kept: { readonly untilMs: number; readonly figures: readonly Figures[] } | undefined;

  async function figures(): Promise<readonly Figures[]> {
    const nowMs = clock.nowMs();
    if (kept === undefined || nowMs >= kept.untilMs) {
      kept = { untilMs: nowMs + KEPT_MS, figures: await addUp(ports) };
    }
    return kept.figures;
  }

  metrics.gauge("storage_objects", "Stored photos and clips.", ["kind"], async (gauge) => {
    for (const { kind, count } of await figures()) gauge.set({ kind }, count);
  });
  metrics.gauge("storage_bytes", "Bytes of stored photos and clips.", ["kind"], async (gauge) => {
    for (const { kind, bytes } of await figures()) gauge.set({ kind }, bytes);
  });
}

async function addUp({ sql }: Ports): Promise<readonly Figures[]> {
  const rows = await sql
    .selectFrom("objects")
    .where("removed_at_ms", "is", null)
    .groupBy("kind")
    .select(({ fn }) => [
      "kind",
      fn.countAll<number>().as("count"),
      fn.sum<number>("bytes").as("bytes"),
    ])
    .execute();
  return (["photos", "clips"] as const).map((kind) => {
    const { count = 0, bytes = 0 } = rows.find((row) => row.kind === kind) ?? {};
    // Postgres tells a sum as text.
    return { kind, count: Number(count), bytes: Number(bytes) };
  });
}

import type { AppPorts } from "../ports.ts";

/** Adding up a million rows takes a quarter of a second, and scrapers come every 15 s. */
const KEPT_MS = 60_000;

type Ports = Pick<AppPorts, "metrics" | "sql" | "clock">;

export function addStorageFigures({ metrics, sql, clock }: Ports): void {
  const addUp = () =>
    sql
      .selectFrom("objects")
      .groupBy("kind")
      .select(({ fn }) => [
        "kind",
        fn.countAll<number>().as("count"),
        fn.sum<number>("bytes").as("bytes"),
      ])
      .execute();
  let kept:
    | { readonly untilMs: number; readonly rows: Awaited<ReturnType<typeof addUp>> }
    | undefined;

  async function rows() {
    const nowMs = clock.nowMs();
    if (kept === undefined || nowMs >= kept.untilMs) {
      kept = { untilMs: nowMs + KEPT_MS, rows: await addUp() };
    }
    return kept.rows;
  }

  // Postgres tells counts and sums as text.
  metrics.gauge("storage_objects", "Stored photos and clips.", ["kind"], async (gauge) => {
    for (const { kind, count } of await rows()) gauge.set({ kind }, Number(count));
  });
  metrics.gauge("storage_bytes", "Bytes of stored photos and clips.", ["kind"], async (gauge) => {
    for (const { kind, bytes } of await rows()) gauge.set({ kind }, Number(bytes));
  });
}

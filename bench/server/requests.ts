import type { BenchRow } from "../rows.ts";
import { median } from "../rows.ts";
import { startChild } from "./child.ts";
import type { StartedServer } from "./fleet.ts";
import { CHECK_UPDATE, HEARTBEAT, PRESIGN } from "./fleet.ts";
import { interleave, measureRate } from "./load.ts";
import { ROUNDS, SECONDS } from "./run-length.ts";

const MEASURED = [
  { name: "server.check_update", path: "/api/v1/check-update", body: CHECK_UPDATE },
  { name: "server.heartbeat", path: "/v1/ota/heartbeat", body: HEARTBEAT },
  { name: "server.presign", path: "/v1/presign/put", body: PRESIGN },
];

/** The requests that feeders make all day, by devices with tokens. */
export async function measureRequests(): Promise<BenchRow[]> {
  await using ours = await startChild<StartedServer>("our-server.ts");
  await using raw = await startChild<StartedServer>("raw-server.ts");
  const rows: BenchRow[] = [];
  for (const { name, path, body } of MEASURED) {
    const load = ({ url, tokens }: StartedServer) => {
      const requests = Object.entries(tokens).map(([deviceId, token]) => ({
        ...{ method: "POST" as const, path, body: JSON.stringify({ deviceId, ...body }) },
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      }));
      return measureRate(url, requests, SECONDS);
    };
    const measured = await interleave(
      ROUNDS,
      () => load(ours.started),
      () => load(raw.started),
    );
    const value = median(measured.ours);
    const of = "node:http and node:sqlite by hand";
    rows.push({ name, value, unit: "requests/s", of, ratio: value / median(measured.peer) });
  }
  return rows;
}

import { Hono } from "hono";
import type { Audit } from "../identity/audit.ts";
import type { DiskGuard } from "../keeping/disk-guard.ts";
import type { AppPorts } from "../ports.ts";
import { SerialQueue } from "../serial-queue.ts";
import { UpdateRows } from "../storage/update-rows.ts";
import { checkUpdateRoutes } from "./check-update-routes.ts";
import { commandRoutes } from "./command-routes.ts";
import { followFeeders } from "./feeder-news.ts";
import { heartbeatRoutes } from "./heartbeat-routes.ts";
import { imageRoutes } from "./image-routes.ts";
import { Offers } from "./offers.ts";
import { releaseRoutes } from "./release-routes.ts";
import { reportRoutes } from "./report-routes.ts";
import { firmwareStatusRoutes } from "./status-routes.ts";
import { TargetChoice } from "./target-choice.ts";

/** Firmware: published by operators, offered to devices, downloaded, and what became of it. */
export function firmwareRoutes(ports: AppPorts, audit: Audit, diskGuard: DiskGuard): Hono {
  const rows = new UpdateRows(ports.sql);
  const turns = new SerialQueue();
  const offers = new Offers(ports, rows);
  followFeeders(ports);
  return new Hono()
    .route("/", releaseRoutes(ports, { turns, audit, diskGuard }))
    .route("/", checkUpdateRoutes(ports, rows, offers))
    .route("/", heartbeatRoutes(ports, offers))
    .route("/", reportRoutes(ports))
    .route("/", firmwareStatusRoutes(ports))
    .route("/", imageRoutes(ports, offers))
    .route("/", commandRoutes(ports, new TargetChoice(ports, { rows, offers, turns }), audit));
}

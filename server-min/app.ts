import { Hono } from "hono";
import { presignGetRoutes } from "./compat/presign-get.ts";
import { DayFiles } from "./day-index/day-files.ts";
import { dayIndexRoutes } from "./day-index/routes.ts";
import { deviceConfigRoutes } from "./device-config/routes.ts";
import { deviceLogRoutes } from "./device-log/routes.ts";
import { nameRoutes } from "./devices/name-routes.ts";
import { deviceRoutes } from "./devices/routes.ts";
import { discoveryRoutes } from "./discovery/routes.ts";
import { firmwareRoutes } from "./firmware/routes.ts";
import { healthRoutes } from "./health/routes.ts";
import { Audit } from "./identity/audit.ts";
import { crossOrigin } from "./identity/cross-origin.ts";
import { gate } from "./identity/gate.ts";
import { identityRoutes, operatorActions } from "./identity/routes.ts";
import { DiskGuard, isDiskFull } from "./keeping/disk-guard.ts";
import { MediaRetention } from "./keeping/media-retention.ts";
import { OrphanSearch } from "./keeping/orphan-search.ts";
import { savedRoutes } from "./keeping/saved-routes.ts";
import { metricsRoutes } from "./metrics/routes.ts";
import { objectRoutes } from "./objects/routes.ts";
import { openApiRoutes } from "./openapi/routes.ts";
import { pageRoutes } from "./pages/routes.ts";
import type { AppPorts } from "./ports.ts";
import { presignRoutes } from "./presign/routes.ts";
import { problemAnswer, refused } from "./problem-answer.ts";
import { relayRoutes } from "./relay/routes.ts";
import { watchRequests } from "./requests/request-watch.ts";
import { StoreUnavailable } from "./storage/store-unavailable.ts";
import { FaultProfiles } from "./test-faults/fault-profiles.ts";
import { testRoutes } from "./test-faults/routes.ts";
import { Announcements } from "./uploads/announcements.ts";
import { DirectUploads } from "./uploads/direct-uploads.ts";
import { Intake } from "./uploads/intake.ts";
import { uploadRoutes } from "./uploads/routes.ts";
import { refuseZeroInUrl } from "./zero-character.ts";

/** A database that is started anew is back by then, in seconds. */
const RETRY_SOON = { "Retry-After": "10" };

/** The whole server as Request -> Response. Every answer is decided within one turn of the event loop. */
export function createApp(ports: AppPorts): Hono {
  const faults = new FaultProfiles(ports.clock, ports.random);
  const announcements = new Announcements(ports);
  const audit = new Audit(ports);
  const actions = operatorActions(ports, audit);
  const dayFiles = new DayFiles(ports);
  dayFiles.refreshAfterRestart();
  const intake = new Intake(ports, { announcements, dayFiles });
  const { direct } = ports.objects;
  if (direct !== undefined) new DirectUploads(ports, direct, intake).sweep();
  const diskGuard = new DiskGuard(ports);
  new MediaRetention(ports, dayFiles).start();
  new OrphanSearch(ports, dayFiles, intake).start();

  const app = new Hono();
  app.use(watchRequests(ports));
  if (ports.settings.allowedOrigins.length > 0) app.use(crossOrigin(ports.settings));
  const admit = gate(ports);
  app.use(async (c, next) => refuseZeroInUrl(c) ?? admit(c, next));
  app.route("/", healthRoutes(ports));
  app.route("/", discoveryRoutes(ports));
  app.route("/", presignRoutes(ports, diskGuard));
  app.route("/", presignGetRoutes(ports.settings, ports.clock));
  app.route("/", uploadRoutes(ports, { faults, intake, diskGuard }));
  app.route("/", dayIndexRoutes(ports));
  app.route("/", objectRoutes(ports));
  app.route("/", savedRoutes(ports, dayFiles, audit));
  app.route("/", deviceRoutes(ports));
  app.route("/", nameRoutes(ports, actions.fleet));
  app.route("/", deviceConfigRoutes(ports, audit));
  app.route("/", deviceLogRoutes(ports, audit));
  app.route("/", firmwareRoutes(ports, audit, diskGuard));
  app.route("/", relayRoutes(ports, audit));
  app.route("/", identityRoutes(ports, actions));
  app.route("/", pageRoutes(ports, actions));
  app.route("/", metricsRoutes(ports));
  if (ports.settings.testRoutes) app.route("/", testRoutes(ports, faults));
  app.route("/", openApiRoutes(app, ports.settings.version));
  refuseOtherMethods(app);
  app.notFound(() => problemAnswer(refused("not_found")));
  app.onError((error, c) => {
    if (isDiskFull(error)) return problemAnswer(refused("storage_full"));
    ports.report(error, c.get("requestId"));
    if (!(error instanceof StoreUnavailable)) return problemAnswer(refused("internal"));
    return problemAnswer(refused("store_unavailable"), RETRY_SOON);
  });
  return app;
}

/** A known path answers 405 to a method it has no route for; Hono by itself would say 404. */
function refuseOtherMethods(app: Hono): void {
  const methods = new Map<string, string[]>();
  for (const { path, method } of app.routes) {
    if (method !== "ALL") methods.set(path, [...(methods.get(path) ?? []), method]);
  }
  for (const [path, allowed] of methods) {
    const headers = { Allow: allowed.join(", ") };
    app.all(path, () => problemAnswer(refused("method_not_allowed"), headers));
  }
}

/**
 * The server under load, beside a peer that does the same work: node:http and node:sqlite by hand, `ws` alone, nginx, a
 * plain loop that writes files. Each is a process of its own; they take turns.
 *
 *   npm run -s bench:server -- --json
 */
import { printRows } from "./rows.ts";
import { measureDownloads } from "./server/downloads.ts";
import { measureRelay } from "./server/relay.ts";
import { measureRequests } from "./server/requests.ts";
import { measureUploads } from "./server/uploads.ts";

printRows([
  ...(await measureRequests()),
  ...(await measureRelay()),
  ...(await measureDownloads()),
  ...(await measureUploads()),
]);

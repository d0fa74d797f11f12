/** The server a herd comes to. */
import { startServer } from "../../server-min/node.ts";

const [dataDir = "", adminPassword] = process.argv.slice(2);
const server = await startServer({
  ...{ host: "127.0.0.1", port: 0, dataDir, adminPassword, notice: () => {} },
});
if (server.kind === "failed") throw new Error(server.reason);
process.send?.(server.url);

/** A real server for kill.test.ts to kill: says its address in one line, and runs until it is killed. */
import { startServer } from "../../server-min/node.ts";
import { RELEASE_KEY_PEM } from "../release-key.ts";

const [dataDir = "", databaseUrl] = process.argv.slice(2);
const server = await startServer({
  host: "127.0.0.1",
  port: 0,
  dataDir,
  ...(databaseUrl !== undefined && { database: { url: databaseUrl } }),
  signingKey: RELEASE_KEY_PEM,
  notice: (text) => process.stderr.write(`${text}\n`),
});
process.stdout.write(`${server.kind === "running" ? server.url : JSON.stringify(server)}\n`);

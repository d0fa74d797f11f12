/** A real server for kill.test.ts to kill: says its address in one line, and runs until it is killed. */
import { startServer } from "../../server-min/node.ts";

const dataDir = process.argv[2] ?? "";
const server = await startServer({
  host: "127.0.0.1",
  port: 0,
  dataDir,
  notice: (text) => process.stderr.write(`${text}\n`),
});
process.stdout.write(`${server.kind === "running" ? server.url : JSON.stringify(server)}\n`);

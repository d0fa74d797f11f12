/** Our server as it is started for other machines: password, tokens, a release; in a folder of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeAppImage } from "../../host-sim/board/app-image.ts";
import { makeSigningKey } from "../../server-min/firmware/signing-key.ts";
import { startServer } from "../../server-min/node.ts";
import type { StartedServer } from "./fleet.ts";
import { DEVICES, RELEASED_JAVASCRIPT } from "./fleet.ts";

const IMAGE_BYTES = 1_200_000;
const password = "as long as it takes";
const dataDir = await mkdtemp(join(tmpdir(), "skyfeeder-bench-"));
const server = await startServer({
  ...{ host: "127.0.0.1", port: 0, dataDir, adminPassword: password },
  signingKey: makeSigningKey(),
  notice: () => {},
});
if (server.kind === "failed") throw new Error(server.reason);
const { url } = server;

const login = await fetch(`${url}/v1/session`, {
  method: "POST",
  body: JSON.stringify({ password }),
});
const headers = { Cookie: login.headers.get("Set-Cookie")?.split(";", 1)[0] ?? "" };
const image = encodeAppImage({
  ...{ product: "skyfeeder", version: "1.0.0", padToBytes: IMAGE_BYTES },
  javascript: RELEASED_JAVASCRIPT,
});
const published = await fetch(`${url}/v1/releases`, {
  method: "POST",
  headers,
  body: Buffer.from(image),
});
if (published.status !== 201) throw new Error(await published.text());
const tokens: Record<string, string> = {};
for (const deviceId of DEVICES) {
  const answer = await fetch(`${url}/v1/devices/${deviceId}/token`, { method: "POST", headers });
  tokens[deviceId] = (await answer.json()).token;
}

process.on("SIGTERM", async () => {
  await server.close();
  await rm(dataDir, { recursive: true });
  process.exit();
});
process.send?.({ url, tokens } satisfies StartedServer);

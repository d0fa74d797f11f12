import { execFile } from "node:child_process";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../services/free-port.ts";
import { scriptPath } from "../../services/services.ts";
import { PHOTO } from "../server-fixture.ts";
import { makeFolder, presign, start } from "../started-server.ts";
import { describePostgres } from "./databases.ts";

const run = promisify(execFile);

/** A Postgres of the test's own, for nobody else is to miss it. */
async function openPostgresServer() {
  const folder = await makeFolder();
  await chmod(folder, 0o755);
  const [dir, port] = [join(folder, "postgres"), String(await freePort())];
  const script = scriptPath("postgres.sh");
  const begin = async () => (await run(script, ["start", dir, port])).stdout.trim();
  const stop = () => run(script, ["stop", dir]);
  const url = await begin();
  onTestFinished(async () => void (await stop().catch(() => undefined)));
  return { url, begin, stop };
}

describePostgres(() => {
  test("a Postgres that is stopped and started again costs answers, and nothing that was answered", async () => {
    const postgres = await openPostgresServer();
    const server = await start({ database: { url: postgres.url } });
    const upload = async (captureId: string) => {
      const { uploadUrl, headers } = await presign(server, captureId);
      return fetch(uploadUrl, { method: "PUT", headers, body: PHOTO });
    };
    const ready = async () => (await fetch(`${server.url}/readyz`)).status;
    expect((await upload("before")).status).toBe(200);
    const { uploadUrl, headers } = await presign(server, "meanwhile");

    await postgres.stop();
    const refused = await fetch(uploadUrl, { method: "PUT", headers, body: PHOTO });
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([503, "10"]);
    expect(await refused.json()).toMatchObject({ code: "store_unavailable" });
    expect((await fetch(`${server.url}/v1/devices`)).status).toBe(503);
    expect(await ready()).toBe(503);

    await postgres.begin();
    await expect.poll(ready, { timeout: 10_000 }).toBe(200);
    const again = await fetch(uploadUrl, { method: "PUT", headers, body: PHOTO });
    expect(again.status).toBe(200);
    const days = await (await fetch(`${server.url}/v1/days/feeder-1`)).json();
    expect(days).toMatchObject({ days: [{ count: 2 }] });
  });
});

import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { connectPostgres } from "../../server-min/storage/postgres.ts";
import { getJson, openServer, PHOTO, postJson } from "./server-fixture.ts";
import { presign as askToUpload, makeFolder, start } from "./started-server.ts";

const AWAY = { status: 503, body: { code: "store_unavailable", status: 503 } };

/** Whoever connects to it is treated so; undefined: nobody is there. */
async function peer(treat: ((socket: Socket) => void) | undefined): Promise<string> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    treat?.(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  if (treat === undefined) close();
  else onTestFinished(close);
  return `127.0.0.1:${port}`;
}

function openOnPostgres(host: string) {
  const sql = connectPostgres(`postgres://sky:s3cret@${host}/birds`, () => {});
  onTestFinished(() => sql.destroy());
  return openServer({ sql });
}

test.each([
  ["refuses", undefined],
  ["hangs up", (socket: Socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["breaks the line", (socket: Socket) => void socket.resetAndDestroy()],
])(
  "while whoever has the database's address %s, what needs it is to come again",
  async (_, treat) => {
    const server = openOnPostgres(await peer(treat));
    const answer = await server.app.request("/v1/devices");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("Retry-After")).toBe("10");
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await answer.json()).toMatchObject(AWAY.body);
    const capture = { deviceId: "feeder-1", kind: "photos", contentType: "image/jpeg" };
    expect(
      await postJson(server, "/v1/presign/put", { ...capture, captureId: "c1" }),
    ).toMatchObject(AWAY);
    // What it does not need goes on.
    expect((await getJson(server, "/healthz")).status).toBe(200);
    await server.background.idle();
    expect(JSON.stringify(server.bugs.map(String))).not.toContain("s3cret");
  },
);

test("a database that takes connections and says nothing is given up after five seconds", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const connected = Promise.withResolvers<void>();
  const server = openOnPostgres(await peer(() => connected.resolve()));
  const answer = getJson(server, "/v1/devices");
  await connected.promise;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await answer).toMatchObject(AWAY);
});

test("a bug is no store that is away", async () => {
  const server = openServer();
  await server.sql.schema.dropTable("devices").execute();
  const answer = await server.app.request("/v1/devices");
  expect([answer.status, answer.headers.get("Retry-After")]).toEqual([500, null]);
  expect(await answer.json()).toMatchObject({ code: "internal" });
});

test("a bucket that goes away: uploads through the server are to come again, and list nothing", async () => {
  const folder = await makeFolder();
  const secretAccessKeyFile = join(folder, "secret");
  await writeFile(secretAccessKeyFile, "s3cret");
  const peer = createHttpServer((_, answer) => void answer.end()).listen(0, "127.0.0.1");
  await once(peer, "listening");
  const endpoint = `http://127.0.0.1:${(peer.address() as AddressInfo).port}`;
  const bucket = { bucket: "birds", region: "us-east-1", accessKeyId: "key", secretAccessKeyFile };
  const server = await start({ dataDir: folder, objects: { endpoint, ...bucket } });
  const { uploadUrl, headers } = await askToUpload(server);
  await peer[Symbol.asyncDispose]();

  const answer = await fetch(uploadUrl, { method: "PUT", headers, body: PHOTO });
  expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "10"]);
  expect(await answer.json()).toMatchObject(AWAY.body);
  const days = await (await fetch(`${server.url}/v1/days/feeder-1`)).json();
  expect(days.days).toEqual([]);
});

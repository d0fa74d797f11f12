import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { parsePresignPutAnswer } from "../../protocol/presign.ts";
import type { ServerOptions } from "../../server-min/node.ts";
import { startServer } from "../../server-min/node.ts";
import { RELEASE_KEY_PEM } from "../release-key.ts";

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "skyfeeder-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function tryStart(options: Partial<ServerOptions> = {}) {
  const notices: string[] = [];
  const started = await startServer({
    host: "127.0.0.1",
    port: 0,
    dataDir: options.dataDir ?? (await makeFolder()),
    signingKey: RELEASE_KEY_PEM,
    notice: (text) => void notices.push(text),
    ...options,
  });
  return { started, notices };
}

export async function start(options: Partial<ServerOptions> = {}) {
  const { started, notices } = await tryStart(options);
  if (started.kind === "failed") throw new Error(JSON.stringify(started));
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= started.close());
  onTestFinished(close);
  return { ...started, close, notices };
}

export async function presign({ url }: { readonly url: string }, captureId = "c1") {
  const body = JSON.stringify({
    deviceId: "feeder-1",
    kind: "photos",
    contentType: "image/jpeg",
    captureId,
  });
  const answer = await fetch(`${url}/v1/presign/put`, { method: "POST", body });
  const grant = parsePresignPutAnswer(await answer.text());
  if (grant === undefined) throw new Error(`presign answered ${answer.status}`);
  return grant;
}

/** Sends the head of an upload and waits until the server asks for the body. */
export async function beginUpload(
  server: { readonly url: string },
  bytes: number,
  captureId?: string,
) {
  const { uploadUrl, headers, key } = await presign(server, captureId);
  const { hostname, port, pathname } = new URL(uploadUrl);
  const socket = connect(Number(port), hostname);
  const head = [
    `PUT ${pathname} HTTP/1.1`,
    `Host: ${hostname}`,
    `Authorization: ${headers.Authorization}`,
    "Content-Type: image/jpeg",
    `Content-Length: ${bytes}`,
    "Expect: 100-continue",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  await once(socket, "data");
  return { socket, key };
}

/** A request that stops in the middle of its head, which the server has. */
export async function beginHead(server: { readonly url: string }, head: string): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(head);
  // Another connection is answered after what this one has sent before.
  await fetch(`${server.url}/healthz`);
  return socket;
}

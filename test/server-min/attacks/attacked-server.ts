import { once } from "node:events";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { onTestFinished } from "vitest";
import { start } from "../started-server.ts";

const PASSWORD = "not to be guessed";

export interface AttackedServer {
  readonly url: string;
  readonly port: number;
  /** Of feeder-1; feeder-2 is somebody else's. */
  readonly token: string;
  /** The same for an operator. */
  readonly cookie: string;
}

/** A server as strangers reach it: real sockets, a password, tokens. */
export async function startAttacked(): Promise<AttackedServer> {
  const { url } = await start({ adminPassword: PASSWORD });
  const body = JSON.stringify({ password: PASSWORD });
  const login = await fetch(`${url}/v1/session`, { method: "POST", body });
  const cookie = login.headers.get("Set-Cookie")?.split(";", 1)[0] ?? "";
  const [token] = await Promise.all(
    ["feeder-1", "feeder-2"].map(async (deviceId) => {
      const init = { method: "POST", headers: { Cookie: cookie } };
      const answer = await fetch(`${url}/v1/devices/${deviceId}/token`, init);
      return String((await answer.json()).token);
    }),
  );
  return { url, port: Number(new URL(url).port), token: token ?? "", cookie };
}

export async function dial({ port }: AttackedServer): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** The bytes as they are, and everything that comes back until the server closes. */
export async function send(server: AttackedServer, bytes: string): Promise<string> {
  const socket = await dial(server);
  socket.write(bytes);
  return (await readAll(socket)).toString("latin1");
}

export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // Not `once`, which a reset would reject.
  await new Promise((resolve) => socket.on("close", resolve));
  return Buffer.concat(chunks);
}

/** One request with its path as it is written, where fetch would clean it up. */
export async function request(
  server: AttackedServer,
  line: string,
  { body = "", headers = {} }: { body?: string; headers?: Record<string, string> } = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const told = {
    ...{ Host: "localhost", Connection: "close", Authorization: `Bearer ${server.token}` },
    ...{ "Content-Length": String(Buffer.byteLength(body)), ...headers },
  };
  const lines = Object.entries(told).map(([name, value]) => `${name}: ${value}\r\n`);
  const answer = await send(server, `${line} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
  return { status, text: answer.slice(answer.indexOf("\r\n\r\n") + 4) };
}

/** That it still serves others. */
export async function isServing({ url }: AttackedServer): Promise<boolean> {
  return (await fetch(`${url}/healthz`)).ok;
}

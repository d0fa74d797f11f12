import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocket as SecureWebSocket } from "ws";
import { RefusedServer, type Trust } from "./certificate-judge.ts";
import { FeederTls, sendSecurely } from "./feeder-tls.ts";
import type { ServerPort, SocketPeer } from "./internet.ts";
import { toOctets } from "./octets.ts";

/**
 * The server behind real sockets, for real time only: the order in which they answer is the operating system's. What a
 * feeder sends to the server's public address is taken to its local one, which this machine surely reaches; where that
 * has no TLS, it is as if behind the proxy that has.
 */
export function overSockets(publicUrl: string, localUrl: string): ServerPort {
  const locally = localRoute(new URL(publicUrl), new URL(localUrl));
  return {
    request: ({ trust, ...request }) => {
      const { url: known } = request;
      const url = locally(known);
      if (url.startsWith("https:")) return sendSecurely({ ...request, url }, tlsTo(known, trust));
      // A feeder's client follows no redirects.
      return fetch(url, { ...request, redirect: "manual" });
    },
    connect(known, peer, trust) {
      // A broker is where discovery says, on a port of its own.
      if (/^mqtts?:/.test(known)) return openBytes(new URL(known), peer, tlsTo(known, trust));
      const url = locally(known);
      return url.startsWith("wss:") ? open(url, peer, tlsTo(known, trust)) : openPlain(url, peer);
    },
  };
}

function tlsTo(known: string, trust: Trust = { authorities: [], clockMs: 0 }): FeederTls {
  return new FeederTls(new URL(known).hostname, trust);
}

function openBytes({ protocol, hostname, port }: URL, peer: SocketPeer, agent: FeederTls) {
  const at = { host: hostname, port: Number(port) };
  let socket: Duplex | undefined;
  let isClosed = false;
  const closed = (reason: string): void => {
    if (!isClosed) peer.closed(reason);
    isClosed = true;
  };
  const opened = (stream: Duplex): void => {
    socket = stream;
    stream.on("data", (bytes: Buffer) => peer.message(toOctets(bytes)));
    stream.on("error", () => {});
    stream.on("close", () => closed("closed"));
    peer.opened();
  };
  if (protocol === "mqtts:") {
    agent.createConnection(at, (error, stream) => {
      if (error === null) opened(stream);
      // After a refusal the SDK's client never calls back.
      else if (!(error instanceof RefusedServer)) closed("refused");
    });
  } else {
    const plain = connect(at);
    plain.once("connect", () => opened(plain));
    plain.once("error", () => closed("refused"));
  }
  return {
    send: (octets: string) => void socket?.write(octets, "latin1"),
    close: () => void socket?.end(),
  };
}

function openPlain(url: string, peer: SocketPeer) {
  const socket = new WebSocket(url);
  socket.onopen = () => peer.opened();
  socket.onmessage = ({ data }) => peer.message(String(data));
  socket.onclose = ({ reason }) => peer.closed(reason || "closed");
  return endOf(socket);
}

function open(url: string, peer: SocketPeer, agent: FeederTls) {
  const socket = new SecureWebSocket(url, { agent });
  let isRefused = false;
  socket.on("open", () => peer.opened());
  socket.on("message", (data) => peer.message(String(data)));
  socket.on("error", (error) => {
    isRefused = error instanceof RefusedServer;
  });
  socket.on("close", (_code, reason) => {
    // After a refusal the SDK's client never calls back.
    if (!isRefused) peer.closed(String(reason) || "closed");
  });
  return endOf(socket);
}

function endOf(socket: WebSocket | SecureWebSocket) {
  return {
    send: (text: string) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(),
  };
}

function localRoute(publicUrl: URL, localUrl: URL): (url: string) => string {
  const prefix = publicUrl.pathname.replace(/\/$/, "");
  return (text) => {
    const url = new URL(text);
    if (url.hostname !== publicUrl.hostname || portOf(url) !== portOf(publicUrl)) return text;
    if (localUrl.protocol === "http:") url.protocol = url.protocol.replace("s:", ":");
    url.host = localUrl.host;
    if (url.pathname.startsWith(prefix)) url.pathname = url.pathname.slice(prefix.length);
    return url.href;
  };
}

function portOf({ port, protocol }: URL): string {
  return port || (/^(https|wss):$/.test(protocol) ? "443" : "80");
}

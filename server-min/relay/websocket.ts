import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { WebSocketServer } from "ws";
import type { Clock } from "../ports.ts";
import type { Rooms } from "./rooms.ts";

/** A message is an event of some hundred bytes; ws allows 100 MiB when not told. */
const MESSAGE_BYTES_MAX = 64 * 1024;
const PING_INTERVAL_MS = 30_000;
/** What may wait for one slow peer before it costs the others memory. */
const BUFFERED_BYTES_MAX = 1024 * 1024;
const POLICY_VIOLATION = 1008;

/** Binds rooms to WebSockets on /v1/ws, and on / where the first stack has them. */
export class RoomSockets {
  readonly #rooms: Rooms;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
  });
  readonly #silent = new Set<WebSocket>();

  constructor(rooms: Rooms, clock: Clock) {
    this.#rooms = rooms;
    const pingAfterInterval = () => {
      clock.after(PING_INTERVAL_MS, () => {
        this.#pingAll();
        pingAfterInterval();
      });
    };
    pingAfterInterval();
  }

  attach(server: Server): void {
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** For peers that did not answer the close within the time they had. */
  terminateAll(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  #upgrade(request: IncomingMessage, duplex: Duplex, head: Buffer): void {
    const url = URL.parse(request.url ?? "", "ws://server");
    if (url?.pathname !== "/v1/ws" && url?.pathname !== "/") {
      duplex.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const subprotocol = request.headers["sec-websocket-protocol"]?.split(",")[0]?.trim();
    const token = url.searchParams.get("token") ?? subprotocol;
    this.#sockets.handleUpgrade(request, duplex, head, (socket) => this.#join(socket, token));
  }

  #join(socket: WebSocket, token: string | undefined): void {
    // ws closes the socket itself after a frame it cannot accept; the event only must have a listener.
    socket.on("error", () => {});
    const joined = this.#rooms.join(token, {
      send: (text) => sendBounded(socket, text),
      close: (code, reason) => socket.close(code, reason),
    });
    if (joined.kind === "refused") return socket.close(POLICY_VIOLATION, joined.reason);
    socket.on("message", (data) => joined.member.receive(data.toString()));
    socket.on("pong", () => this.#silent.delete(socket));
    socket.on("close", () => {
      this.#silent.delete(socket);
      joined.member.leave();
    });
  }

  #pingAll(): void {
    for (const socket of this.#sockets.clients) {
      if (this.#silent.has(socket)) {
        socket.terminate();
      } else {
        this.#silent.add(socket);
        socket.ping();
      }
    }
  }
}

function sendBounded(socket: WebSocket, text: string): void {
  // Its close handshake would wait behind the same full buffer, so it is cut.
  if (socket.bufferedAmount > BUFFERED_BYTES_MAX) socket.terminate();
  else socket.send(text);
}

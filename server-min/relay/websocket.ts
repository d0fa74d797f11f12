import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { WebSocketServer } from "ws";
import type { Background } from "../background.ts";
import type { CallerCheck } from "../machine/loopback-guard.ts";
import { refuseConnection } from "../machine/refused-connection.ts";
import type { Clock } from "../ports.ts";
import { refused } from "../problem-answer.ts";
import type { FeederCheck } from "./feeder-access.ts";
import { POLICY_VIOLATION } from "./peer.ts";
import type { Member, Rooms } from "./rooms.ts";

/** A message is an event of some hundred bytes; ws allows 100 MiB when not told. */
const MESSAGE_BYTES_MAX = 64 * 1024;
const PING_INTERVAL_MS = 30_000;
/** What may wait for one slow peer before it costs the others memory. */
const BUFFERED_BYTES_MAX = 1024 * 1024;
const INTERNAL_ERROR = 1011;
/** What a handshake must be, for clients whose handshake was not. */
const HANDSHAKE_HEADERS = { Allow: "GET", "Sec-WebSocket-Version": "13" };

interface SocketPorts {
  readonly rooms: Rooms;
  readonly clock: Clock;
  readonly background: Background;
  readonly checkCaller: CallerCheck;
  readonly checkFeeder: FeederCheck;
}

/** Binds rooms to WebSockets on /v1/ws, and on / where the first stack has them. */
export class RoomSockets {
  readonly #rooms: Rooms;
  readonly #background: Background;
  readonly #checkCaller: CallerCheck;
  readonly #checkFeeder: FeederCheck;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
  });
  readonly #silent = new Set<WebSocket>();
  #encoded: { readonly text: string; readonly bytes: Buffer } | undefined;

  constructor({ rooms, clock, background, checkCaller, checkFeeder }: SocketPorts) {
    this.#rooms = rooms;
    this.#background = background;
    this.#checkCaller = checkCaller;
    this.#checkFeeder = checkFeeder;
    this.#sockets.on("wsClientError", ({ message }, duplex, { method }) => {
      const code = method === "GET" ? "invalid_request" : "method_not_allowed";
      refuseConnection(duplex, refused(code, message), HANDSHAKE_HEADERS);
    });
    const pingAfterInterval = () => {
      clock.after(PING_INTERVAL_MS, () => {
        rooms.closeExpired();
        this.#pingAll();
        pingAfterInterval();
      });
    };
    pingAfterInterval();
  }

  /** Takes a request for a WebSocket over from the HTTP server. */
  upgrade(request: IncomingMessage, duplex: Duplex, head: Buffer): void {
    const { host, origin } = request.headers;
    const refusal = this.#checkCaller({ host, origin, changesState: true });
    if (refusal !== undefined) return refuseConnection(duplex, refusal);
    const url = URL.parse(request.url ?? "", "ws://server");
    if (url?.pathname !== "/v1/ws" && url?.pathname !== "/") {
      return refuseConnection(duplex, refused("not_found"));
    }
    const subprotocol = request.headers["sec-websocket-protocol"]?.split(",")[0]?.trim();
    const token = url.searchParams.get("token") ?? subprotocol;
    // Nobody else listens while the database is asked; without a listener, a client's reset ends the process.
    duplex.on("error", () => {});
    this.#background.run(() =>
      this.#checkFeeder(token).then(
        (refusal) =>
          this.#sockets.handleUpgrade(request, duplex, head, (socket) => {
            if (refusal === undefined) this.#join(socket, duplex, token);
            else socket.close(POLICY_VIOLATION, refusal);
          }),
        (error) => {
          refuseConnection(duplex, refused("store_unavailable"));
          throw error;
        },
      ),
    );
  }

  /** For peers that did not answer the close within the time they had. */
  terminateAll(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  #join(socket: WebSocket, duplex: Duplex, token: string | undefined): void {
    // ws closes the socket itself after a frame it cannot accept; the event only must have a listener.
    socket.on("error", () => {});
    const joined = this.#rooms.join(token, {
      send: (text) => {
        corkForTurn(duplex);
        sendBounded(socket, this.#encode(text));
      },
      close: (code, reason) => socket.close(code, reason),
    });
    if (joined.kind === "refused") return socket.close(POLICY_VIOLATION, joined.reason);
    socket.on("message", (data) => {
      this.#receive(socket, joined.member, data.toString());
      this.#waitUntilEased(socket);
    });
    socket.on("pong", () => this.#silent.delete(socket));
    socket.on("close", () => {
      this.#silent.delete(socket);
      joined.member.leave();
    });
  }

  /** A bug that one peer's message finds is not to end the process, and with it everybody's connection. */
  #receive(socket: WebSocket, member: Member, text: string): void {
    try {
      member.receive(text);
    } catch (error) {
      this.#background.run(() => Promise.reject(error));
      socket.close(INTERNAL_ERROR, "internal");
    }
  }

  /** Reads no more of it while the database is behind: the sender's own buffers fill, and not this process. */
  #waitUntilEased(socket: WebSocket): void {
    if (!this.#background.isBehind || socket.isPaused) return;
    socket.pause();
    this.#background.onceEased(() => socket.resume());
  }

  /** A message goes to everybody in a room, one after the other: its bytes are made once. */
  #encode(text: string): Buffer {
    if (this.#encoded?.text !== text) this.#encoded = { text, bytes: Buffer.from(text) };
    return this.#encoded.bytes;
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

function sendBounded(socket: WebSocket, text: Buffer): void {
  // Its close handshake would wait behind the same full buffer, so it is cut.
  if (socket.bufferedAmount > BUFFERED_BYTES_MAX) socket.terminate();
  else socket.send(text, { binary: false });
}

/** What is said in one turn leaves in one system call: that costs more than all else that is done for a message. */
function corkForTurn(duplex: Duplex): void {
  if (duplex.writableCorked > 0) return;
  duplex.cork();
  process.nextTick(() => duplex.uncork());
}

import { once } from "node:events";
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ProblemCode } from "../../protocol/problem.ts";
import { refused } from "../problem-answer.ts";
import type { RoomSockets } from "../relay/websocket.ts";
import { limitBodyTime } from "./body-time.ts";
import { refuseConnection } from "./refused-connection.ts";
import type { TlsIdentity } from "./tls-identity.ts";
import { contextOf } from "./tls-identity.ts";

/** A client that means it sends its headers at once. */
const HEADERS_TIMEOUT_MS = 10_000;
/** A feeder allows 2.5 MB at 4 kB/s, 640 s; a clip that comes over 115200 baud takes 217 s of them. */
const REQUEST_TIMEOUT_MS = 660_000;
/** A feeder computes its half in JavaScript, on 240 MHz; Node would wait for two minutes. */
const HANDSHAKE_TIMEOUT_MS = 30_000;

/** Node looks for both only so often; its own 30 s would make 10 s into 40. */
const CHECK_INTERVAL_MS = 2_000;

/** What Node says of a request it cannot read, where that is not simply a bad one. */
const UNREADABLE_CODES: ReadonlyMap<unknown, ProblemCode> = new Map([
  ["HPE_HEADER_OVERFLOW", "header_too_large"],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", "body_too_large"],
  ["ERR_HTTP_REQUEST_TIMEOUT", "request_timeout"],
]);

/** Done when the request is answered, or given up by its client. */
type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface Listening {
  readonly kind: "listening";
  readonly server: Server;
  readonly address: string;
  readonly port: number;
}

export type ListenFailure = {
  readonly kind: "failed";
  readonly reason: "port_taken" | "cannot_listen";
  readonly port: number;
  readonly detail: string;
};

/** One server on one or several ports of a host. */
export class HttpListeners {
  readonly #servers: (Server | TlsServer)[] = [];
  #tls: TlsIdentity | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #unanswered = new Map<ServerResponse, Promise<void>>();
  #isClosing = false;

  /** From now on nothing new is taken. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  constructor(tls?: TlsIdentity) {
    this.#tls = tls;
  }

  /** For whoever connects from now on. */
  renewTls(tls: TlsIdentity): void {
    this.#tls = tls;
    for (const server of this.#servers) {
      if ("setSecureContext" in server) server.setSecureContext(contextOf(tls));
    }
  }

  /** Takes the port, or a free one for 0. Call `serve` at once: whoever connects before is not answered. */
  async listen(host: string, port: number): Promise<Listening | ListenFailure> {
    const options = {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      // Node would answer without a body; the listener refuses it with a problem.
      requireHostHeader: false,
      // Of two Host lines Node would believe the first, and a proxy before it perhaps the other: together they are no host.
      joinDuplicateHeaders: true,
      // Any other upgrade may be ignored (RFC 9110, 7.8): a client that offers h2c is happy with HTTP/1.1.
      shouldUpgradeCallback: ({ headers }: IncomingMessage) =>
        headers.upgrade?.toLowerCase() === "websocket",
    };
    const server = this.#create(options);
    server.listen(port, host);
    const failure: unknown = await once(server, "listening").then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure !== undefined) return describeFailure(failure, port);
    this.#servers.push(server);
    const bound = server.address();
    if (bound === null || typeof bound === "string") throw new Error(`no TCP address: ${bound}`);
    return { kind: "listening", server, address: bound.address, port: bound.port };
  }

  #create(options: ServerOptions): Server {
    if (this.#tls === undefined) return createServer(options);
    const handshakeTimeout = HANDSHAKE_TIMEOUT_MS;
    const server = createTlsServer({ ...options, handshakeTimeout, ...contextOf(this.#tls) });
    // Node hands it on as a client's error, and what is answered there would wait for a handshake that is over.
    return server.on("tlsClientError", (_error, socket) => socket.destroy());
  }

  serve(server: Server, listener: Listener, sockets: RoomSockets): void {
    server.on("request", (request, response) => {
      limitBodyTime(request, response);
      const answered = listener(request, response).finally(() => this.#unanswered.delete(response));
      this.#unanswered.set(response, answered);
    });
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    server.on("upgrade", (request, socket, head) => {
      if (this.#isClosing) return refuseConnection(socket, refused("shutting_down"));
      sockets.upgrade(request, socket, head);
    });
    server.on("clientError", (error, socket) => this.#refuseUnreadable(error, socket));
  }

  /** Takes nothing new and is done when everything under way is answered. */
  async close(): Promise<void> {
    this.#isClosing = true;
    // A connection kept alive after its last answer would only be waited for.
    for (const response of this.#unanswered.keys()) {
      response.shouldKeepAlive = false;
      // Where the head is out already, the client was told that it is kept.
      response.on("close", () => this.#closeUnused());
    }
    await Promise.all(this.#servers.map((server) => server[Symbol.asyncDispose]()));
    // Whoever hung up has left work behind that still cleans up after itself.
    await Promise.all(this.#unanswered.values());
  }

  #closeUnused(): void {
    for (const server of this.#servers) server.closeIdleConnections();
  }

  /** How many requests wait for the beginning of their answer. */
  get underWay(): number {
    return this.#withoutAnswer().length;
  }

  /** Cuts what waits for nobody here: silent connections, and answers that their clients do not take. */
  cutIdle(): void {
    const busy = new Set(this.#withoutAnswer().map(({ req }) => farEnd(req.socket)));
    for (const socket of this.#sockets) if (!busy.has(farEnd(socket))) socket.destroy();
  }

  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #withoutAnswer(): ServerResponse[] {
    return [...this.#unanswered.keys()].filter(({ headersSent }) => !headersSent);
  }

  #refuseUnreadable(error: Error, socket: Duplex): void {
    const isMidAnswer = [...this.#unanswered.keys()].some(
      (response) => response.socket === socket && response.headersSent,
    );
    // In the middle of an answer a second one would be taken for its bytes.
    if (!socket.writable || isMidAnswer) return void socket.destroy();
    const code = "code" in error ? UNREADABLE_CODES.get(error.code) : undefined;
    refuseConnection(socket, refused(code ?? "invalid_request"));
  }
}

/** Names a connection. With TLS a request has another socket than the one that was accepted. */
function farEnd({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function describeFailure(error: unknown, port: number): ListenFailure {
  const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  const reason = isTaken ? "port_taken" : "cannot_listen";
  return { kind: "failed", reason, port, detail: String(error) };
}

import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { RoomSockets } from "../relay/websocket.ts";

/** A client that means it sends its headers at once. */
const HEADERS_TIMEOUT_MS = 10_000;
/** A 5 MB clip at the 60 kB/s of a bad link takes 85 s. */
const REQUEST_TIMEOUT_MS = 120_000;

/** Done when the request is answered, or given up by its client. */
type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface Listening {
  readonly kind: "listening";
  readonly server: Server;
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
  readonly #servers: Server[] = [];
  readonly #unanswered = new Map<ServerResponse, Promise<void>>();

  /** Takes the port, or a free one for 0. Call `serve` at once: whoever connects before is not answered. */
  async listen(host: string, port: number): Promise<Listening | ListenFailure> {
    const server = createServer({
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
    });
    server.listen(port, host);
    const failure: unknown = await once(server, "listening").then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure !== undefined) return describeFailure(failure, port);
    this.#servers.push(server);
    const address = server.address();
    const boundPort = typeof address === "object" ? address?.port : undefined;
    return { kind: "listening", server, port: boundPort ?? port };
  }

  serve(server: Server, listener: Listener, sockets: RoomSockets): void {
    server.on("request", (request, response) => {
      const answered = listener(request, response).finally(() => this.#unanswered.delete(response));
      this.#unanswered.set(response, answered);
    });
    sockets.attach(server);
  }

  /** Takes nothing new and is done when everything under way is answered. */
  async close(): Promise<void> {
    // A connection kept alive after its last answer would only be waited for.
    for (const response of this.#unanswered.keys()) response.shouldKeepAlive = false;
    await Promise.all(this.#servers.map((server) => server[Symbol.asyncDispose]()));
    // Whoever hung up has left work behind that still cleans up after itself.
    await Promise.all(this.#unanswered.values());
  }

  cutAll(): void {
    for (const server of this.#servers) server.closeAllConnections();
  }
}

function describeFailure(error: unknown, port: number): ListenFailure {
  const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  const reason = isTaken ? "port_taken" : "cannot_listen";
  return { kind: "failed", reason, port, detail: String(error) };
}

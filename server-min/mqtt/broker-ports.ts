import { once } from "node:events";
import type { Server, Socket } from "node:net";
import { createServer } from "node:net";
import type { Server as TlsServer } from "node:tls";
import { createServer as createTlsServer } from "node:tls";
import type { TlsIdentity } from "../machine/tls-identity.ts";
import { contextOf } from "../machine/tls-identity.ts";

/** A fleet of thousands, and descriptors left for HTTP. */
const CONNECTIONS_MAX = 10_000;
/** Finds peers that are gone where the client asked for no keepalive of MQTT's own. */
const TCP_KEEPALIVE_MS = 60_000;
/** As for https: a feeder computes its half in JavaScript. */
const HANDSHAKE_TIMEOUT_MS = 30_000;

const TCP = { noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEPALIVE_MS };

/** Where the broker in this server is reached: on a port, on one with TLS, or on both. */
export class BrokerPorts {
  readonly #plain: Server[] = [];
  readonly #secure: TlsServer[] = [];
  /** Of the ports with TLS, those among them whose handshake is not over: nobody else ends them. */
  readonly #accepted = new Set<Socket>();
  #connected: (socket: Socket) => void = (socket) => void socket.destroy();

  /** Takes the port, or a free one for 0, where one is asked for; answers why it cannot. */
  async listen(address: string | undefined, tls?: TlsIdentity): Promise<string | undefined> {
    if (address === undefined) return undefined;
    const server = tls === undefined ? this.#openPlain() : this.#openSecure(tls);
    server.maxConnections = CONNECTIONS_MAX;
    server.listen(splitAddress(address));
    return once(server, "listening").then(
      () => undefined,
      (error: unknown) => String(error),
    );
  }

  #openPlain(): Server {
    const server = createServer(TCP, (socket) => this.#connected(socket));
    this.#plain.push(server);
    return server;
  }

  #openSecure(tls: TlsIdentity): TlsServer {
    const options = { ...TCP, ...contextOf(tls), handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
    const server = createTlsServer(options, (socket) => this.#connected(socket));
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    server.on("connection", (socket) => {
      this.#accepted.add(socket);
      socket.once("close", () => this.#accepted.delete(socket));
    });
    this.#secure.push(server);
    return server;
  }

  /** Whoever connects before is hung up on. */
  serve(connected: (socket: Socket) => void): void {
    this.#connected = connected;
  }

  /** By what devices reach it on that host: with TLS where there is TLS. */
  url(host: string): string {
    const [server] = [...this.#secure, ...this.#plain];
    const address = server?.address();
    if (typeof address !== "object" || address === null) throw new Error("the broker has no port");
    return `${this.#secure.length > 0 ? "mqtts" : "mqtt"}://${host}:${address.port}`;
  }

  /** For whoever connects from now on. */
  renewTls(tls: TlsIdentity): void {
    for (const server of this.#secure) server.setSecureContext(contextOf(tls));
  }

  async close(): Promise<void> {
    const servers = [...this.#plain, ...this.#secure].filter(({ listening }) => listening);
    for (const socket of this.#accepted) socket.destroy();
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  }
}

function splitAddress(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(address.slice(colon + 1)) };
}

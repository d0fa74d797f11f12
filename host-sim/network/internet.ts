import type { World } from "../world.ts";

export interface SentRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | null;
}

/** The server as the world sees it: in this process or behind real sockets. */
export interface ServerPort {
  /** Rejects only when there is no server: an HTTP error is an answer. */
  request(request: SentRequest): Promise<Response>;
  /** Opens the socket of a WebSocket URL; `peer` hears of it from then on, never from inside this call. */
  connect(url: string, peer: SocketPeer): SocketEnd;
}

export interface SocketPeer {
  opened(): void;
  message(text: string): void;
  /** Once; also when it could not be opened. */
  closed(reason: string): void;
}

export interface SocketEnd {
  send(text: string): void;
  close(): void;
}

/** `refused`: nobody listens. `silent`: packets vanish, nothing ever calls back. */
export type Reachability = "up" | "refused" | "silent";

export type Answer =
  | { readonly kind: "answered"; readonly status: number; readonly body: Uint8Array }
  | { readonly kind: "refused" };

/** One way between a feeder behind a home router and a server in the same country. */
const LATENCY_MS = 15;
/** A minimal server's own time for one request. */
const SERVICE_MS = 2;

/** The way between the feeders and the server, and everything that can be wrong with it. */
export class Internet {
  reachability: Reachability = "up";
  readonly #world: World;
  readonly #server: ServerPort;
  readonly #sockets = new Set<Socket>();

  constructor(world: World, server: ServerPort) {
    this.#world = world;
    this.#server = server;
  }

  /** Calls back as an event of the world, or never when the network is silent. */
  exchange(request: SentRequest, done: (answer: Answer) => void): void {
    this.#world.after(LATENCY_MS, () => {
      if (this.reachability === "silent") return;
      if (this.reachability === "refused") return done({ kind: "refused" });
      this.#world.settle(this.#ask(request), SERVICE_MS + LATENCY_MS, (answer) => {
        if (this.reachability !== "silent") done(answer);
      });
    });
  }

  connect(url: string, peer: SocketPeer): SocketEnd {
    const socket = new Socket(this.#world, peer, () => this.reachability === "silent");
    this.#world.after(LATENCY_MS, () => {
      if (this.reachability === "refused") socket.peerClosed("refused");
      if (this.reachability !== "up" || socket.over) return;
      this.#sockets.add(socket);
      socket.attach(this.#server.connect(url, socket));
    });
    return socket;
  }

  /** Every open connection breaks, as when the server's process dies. */
  breakSockets(): void {
    for (const socket of this.#sockets) socket.break();
    this.#sockets.clear();
  }

  async #ask(request: SentRequest): Promise<Answer> {
    // Only real sockets reject here, when nobody listens: that is an answer for the feeder, not a bug.
    const response = await this.#server.request(request).catch(() => undefined);
    if (response === undefined) return { kind: "refused" };
    const body = new Uint8Array(await response.arrayBuffer());
    return { kind: "answered", status: response.status, body };
  }
}

/** One WebSocket: what either side says arrives at the other as a later event, in order, or not at all. */
class Socket implements SocketEnd, SocketPeer {
  readonly #world: World;
  readonly #feeder: SocketPeer;
  readonly #silent: () => boolean;
  #server: SocketEnd | undefined;
  #over = false;

  constructor(world: World, feeder: SocketPeer, silent: () => boolean) {
    this.#world = world;
    this.#feeder = feeder;
    this.#silent = silent;
  }

  get over(): boolean {
    return this.#over;
  }

  attach(server: SocketEnd): void {
    this.#server = server;
  }

  send(text: string): void {
    this.#later(() => this.#server?.send(text));
  }

  close(): void {
    this.#later(() => {
      this.#server?.close();
      this.peerClosed("closed");
    });
  }

  opened(): void {
    this.#later(() => this.#feeder.opened());
  }

  message(text: string): void {
    this.#later(() => this.#feeder.message(text));
  }

  closed(reason: string): void {
    this.#later(() => this.peerClosed(reason));
  }

  break(): void {
    this.#server?.close();
    this.peerClosed("broken");
  }

  peerClosed(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#feeder.closed(reason);
  }

  #later(happens: () => void): void {
    this.#world.inject(() => {
      this.#world.after(LATENCY_MS, () => {
        if (!this.#over && !this.#silent()) happens();
      });
    });
  }
}

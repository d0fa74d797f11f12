import type { World } from "../world.ts";
import { AnswerBody } from "./answer-body.ts";
import { RefusedServer, type Trust } from "./certificate-judge.ts";
import { HOME_WIFI } from "./home-wifi.ts";

export interface SentRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | null;
  /** Without any, nobody is trusted. */
  readonly trust?: Trust;
}

/** The server as the world sees it: in this process or behind real sockets. */
export interface ServerPort {
  /** Rejects only when there is no server: an HTTP error is an answer. */
  request(request: SentRequest): Promise<Response>;
  /** Opens the socket of a WebSocket URL, or of an MQTT URL for bytes as octets.ts has them; `peer` hears of it from then on, never from inside this call. */
  connect(url: string, peer: SocketPeer, trust?: Trust): ServerSocket;
}

/** The server seen through a network that may hold back what it answers. */
export interface ServerPath extends Pick<ServerPort, "connect"> {
  request(request: SentRequest): Promise<Response | LateAnswer>;
}

/** So much later than the server answered; infinitely: it never comes. */
export interface LateAnswer {
  readonly response: Response;
  readonly lateMs: number;
}

export interface SocketPeer {
  opened(): void;
  message(text: string): void;
  /** Once; also when it could not be opened. */
  closed(reason: string): void;
}

/** The server's side of a socket, as the world holds it. */
export interface ServerSocket {
  send(text: string): void;
  close(): void;
}

/** The feeder's side. */
export interface SocketEnd extends ServerSocket {
  /** Power is gone: the server hears nothing, and drops the peer when its pings stay unanswered. */
  vanish(): void;
}

/** `refused`: nobody listens. `silent`: packets vanish, nothing ever calls back. */
export type Reachability = "up" | "refused" | "silent";

export type Answer =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** Names in lower case. */
      readonly headers: ReadonlyMap<string, string>;
      readonly body: AnswerBody;
    }
  | { readonly kind: "refused" };

/** One way between a feeder behind a home router and a server in the same country. */
const LATENCY_MS = 15;
/** A minimal server's own time for one request. */
const SERVICE_MS = 2;
/** A server writes that much ahead of what its peer has taken: Node's high-water mark of a socket. */
export const BODY_AHEAD_BYTES = 65_536;
/** The server pings every 30 s and gives a peer up that did not answer by the next. */
const GHOST_MS = 60_000;

/** The way between the feeders and the server, and everything that can be wrong with it. */
export class Internet {
  reachability: Reachability = "up";
  /** What a radio needs to get here. */
  homeWifi = HOME_WIFI;
  readonly #world: World;
  readonly #server: ServerPath;
  readonly #sockets = new Set<Socket>();

  constructor(world: World, server: ServerPath) {
    this.#world = world;
    this.#server = server;
  }

  /** Calls back as an event of the world, or never: `reaches` says whether the feeder's own radio still does. */
  exchange(request: SentRequest, reaches: () => boolean, done: (answer: Answer) => void): void {
    const isSilent = (): boolean => this.reachability === "silent" || !reaches();
    this.#world.after(LATENCY_MS, () => {
      if (isSilent()) return;
      if (this.reachability === "refused") return done({ kind: "refused" });
      this.#world.settle(this.#ask(request), SERVICE_MS + LATENCY_MS, ({ answer, lateMs }) => {
        const arrive = (): void => {
          if (!isSilent()) done(answer);
        };
        if (lateMs === 0) arrive();
        else if (lateMs < Number.POSITIVE_INFINITY) this.#world.after(lateMs, arrive);
      });
    });
  }

  connect(url: string, peer: SocketPeer, reaches: () => boolean, trust?: Trust): SocketEnd {
    const isSilent = (): boolean => this.reachability === "silent" || !reaches();
    const socket: Socket = new Socket(this.#world, peer, isSilent, () =>
      this.#sockets.delete(socket),
    );
    this.#world.after(LATENCY_MS, () => {
      if (this.reachability === "refused") socket.peerClosed("refused");
      if (this.reachability !== "up" || socket.over || !reaches()) return;
      this.#sockets.add(socket);
      socket.attach(this.#server.connect(url, socket, trust));
    });
    return socket;
  }

  /** Every open connection breaks, as when the server's process dies; each is an event of its own. */
  breakSockets(): void {
    for (const socket of this.#sockets) this.#world.after(0, () => socket.break());
  }

  /** The SDK's TLS throws where its client cannot catch it, and then nothing more is called back. */
  #refuse({ message }: RefusedServer) {
    this.#world.trace.add(this.#world.nowMs, "tls", message);
    return { answer: { kind: "refused" as const }, lateMs: Number.POSITIVE_INFINITY };
  }

  async #ask(request: SentRequest): Promise<{ readonly answer: Answer; readonly lateMs: number }> {
    // Nobody listens, or the server ended over it: that is an answer for the feeder, not a bug.
    const reply = await this.#server.request(request).catch((error: Error) => error);
    if (reply instanceof RefusedServer) return this.#refuse(reply);
    if (reply instanceof Error) return { answer: { kind: "refused" }, lateMs: 0 };
    const { response, lateMs } = "lateMs" in reply ? reply : { response: reply, lateMs: 0 };
    const body = new AnswerBody(response.body);
    await body.fill(BODY_AHEAD_BYTES);
    const headers = headersOf(response, body);
    return { answer: { kind: "answered", status: response.status, headers, body }, lateMs };
  }
}

/** With the framing that a server adds on the wire: without a length, what is whole at once gets one. */
function headersOf({ headers, status }: Response, body: AnswerBody): Map<string, string> {
  const sent = new Map(headers);
  if (sent.has("content-length") || status === 204 || status === 304) return sent;
  if (body.state === "whole") return sent.set("content-length", String(body.heldBytes));
  return sent.set("transfer-encoding", "chunked");
}

/** One WebSocket: what either side says arrives at the other as a later event, in order, or not at all. */
class Socket implements SocketEnd, SocketPeer {
  readonly #world: World;
  readonly #feeder: SocketPeer;
  readonly #isSilent: () => boolean;
  readonly #ended: () => void;
  #server: ServerSocket | undefined;
  #over = false;

  constructor(world: World, feeder: SocketPeer, isSilent: () => boolean, ended: () => void) {
    this.#world = world;
    this.#feeder = feeder;
    this.#isSilent = isSilent;
    this.#ended = ended;
  }

  get over(): boolean {
    return this.#over;
  }

  attach(server: ServerSocket): void {
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

  vanish(): void {
    this.#over = true;
    this.#world.after(GHOST_MS, () => {
      this.#server?.close();
      this.#ended();
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
    if (this.#over) return;
    this.#server?.close();
    this.peerClosed("broken");
  }

  peerClosed(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#ended();
    this.#feeder.closed(reason);
  }

  #later(happens: () => void): void {
    this.#world.afterNow(LATENCY_MS, () => {
      if (!this.#over && !this.#isSilent()) happens();
    });
  }
}

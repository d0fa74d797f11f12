import type { RandomStream } from "../random.ts";
import type { World } from "../world.ts";
import type { LateAnswer, SentRequest, ServerPath, ServerPort, SocketPeer } from "./internet.ts";

/** What happens to a share of the requests, or of the messages of a WebSocket. */
export type HttpFault =
  /** Somebody before the server answers for it. */
  | { readonly kind: "status"; readonly status: number; readonly retryAfterS?: number }
  /** The server is never asked, and nothing comes back. */
  | { readonly kind: "stall" }
  | { readonly kind: "slow"; readonly lateMs: number }
  /** The server did it, and nothing comes back. */
  | { readonly kind: "answer_lost" }
  /** The connection ends in the body of the answer. */
  | { readonly kind: "answer_cut" }
  /** A WebSocket breaks over a message of the feeder, which the server never hears. */
  | { readonly kind: "event_lost" }
  /** A WebSocket breaks over a message of the server, such as an acknowledgement. */
  | { readonly kind: "message_lost" };

interface Rule {
  readonly fault: HttpFault;
  readonly share: number;
  readonly random: RandomStream;
}

type Hits = (kind: HttpFault["kind"]) => boolean;

/** Somebody between the feeders and the server, who spoils a share of what they say to each other. */
export class HttpFaults {
  readonly #world: World;
  readonly #rules = new Set<Rule>();

  constructor(world: World) {
    this.#world = world;
  }

  /** From now until it is ended by what this returns. Each has a stream of its own: one more shifts no other. */
  begin(fault: HttpFault, share: number): () => void {
    const random = this.#world.random(`http/${JSON.stringify(fault)}/${this.#world.nowMs}`);
    const rule = { fault, share, random };
    this.#rules.add(rule);
    return () => this.#rules.delete(rule);
  }

  between(server: ServerPort): ServerPath {
    return {
      request: (request) => this.#request(server, request),
      connect: (url, peer) => {
        const socket = new SpoiltSocket(peer, (kind) => this.#draw(isOf(kind)) !== undefined);
        return socket.open(server, url);
      },
    };
  }

  async #request(server: ServerPort, request: SentRequest): Promise<Response | LateAnswer> {
    const { fault, random } = this.#draw(isOfRequests) ?? {};
    switch (fault?.kind) {
      case "status":
        return answerInstead(fault);
      case "stall":
        return never(new Response());
      case "slow":
        return { response: await server.request(request), lateMs: fault.lateMs };
      case "answer_lost":
        return never(await server.request(request));
      case "answer_cut":
        return cutShort(await server.request(request), random?.() ?? 0);
      default:
        return server.request(request);
    }
  }

  /** The first of these that hits. All of them draw: whether one hits must not shift another. */
  #draw(concerns: (fault: HttpFault) => boolean): Rule | undefined {
    return [...this.#rules]
      .filter(({ fault }) => concerns(fault))
      .filter(({ random, share }) => random() < share)[0];
  }
}

function isOf(kind: HttpFault["kind"]): (fault: HttpFault) => boolean {
  return (fault) => fault.kind === kind;
}

function isOfRequests({ kind }: HttpFault): boolean {
  return kind !== "event_lost" && kind !== "message_lost";
}

function answerInstead(fault: Extract<HttpFault, { readonly kind: "status" }>): Response {
  const { status, retryAfterS } = fault;
  const headers = retryAfterS === undefined ? {} : { "Retry-After": String(retryAfterS) };
  return new Response(null, { status, headers });
}

/** Nobody reads the body: whatever the server has open for it is closed. */
function never(response: Response): LateAnswer {
  void response.body?.cancel();
  return { response, lateMs: Number.POSITIVE_INFINITY };
}

/** A part of the first piece of its body comes, and then an end that was not announced. */
async function cutShort(answer: Response, share: number): Promise<Response> {
  const reader = answer.body?.getReader();
  const { value = new Uint8Array() } = (await reader?.read()) ?? {};
  void reader?.cancel();
  const kept = value.subarray(0, Math.floor(share * value.length));
  const pieces = kept.length > 0 ? [kept] : [];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.pop();
      if (piece === undefined) controller.error(new Error("cut"));
      else controller.enqueue(piece);
    },
  });
  return new Response(body, answer);
}

/** One WebSocket that may break over any message; the message is lost. */
class SpoiltSocket {
  readonly #peer: SocketPeer;
  readonly #hits: Hits;
  #server: ReturnType<ServerPort["connect"]> | undefined;
  #isBroken = false;

  constructor(peer: SocketPeer, hits: Hits) {
    this.#peer = peer;
    this.#hits = hits;
  }

  open(server: ServerPort, url: string) {
    this.#server = server.connect(url, {
      opened: () => this.#peer.opened(),
      message: (text) => this.#pass("message_lost", () => this.#peer.message(text)),
      closed: (reason) => this.#peer.closed(reason),
    });
    // The server greets before its side of the socket is known here.
    if (this.#isBroken) this.#server.close();
    return {
      send: (text: string) => this.#pass("event_lost", () => this.#server?.send(text)),
      close: () => this.#server?.close(),
    };
  }

  #pass(kind: HttpFault["kind"], deliver: () => void): void {
    if (this.#isBroken) return;
    if (!this.#hits(kind)) return deliver();
    this.#isBroken = true;
    this.#server?.close();
    this.#peer.closed("broken");
  }
}

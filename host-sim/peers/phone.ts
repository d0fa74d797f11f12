import type { ServedStream, StreamPeer } from "../board/served-stream.ts";
import type { SoftAp } from "../board/soft-ap.ts";
import type { World } from "../world.ts";

/** From a network that went away to being back in it. */
const REJOIN_MS = 3_000;
/** Association and lease. */
const JOIN_MS = 1_500;
/** A browser gives up on a network that says nothing. */
const GIVE_UP_MS = 20_000;
const HTTP_PORT = 80;
const utf8 = new TextEncoder();

export interface PhoneAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface PhoneRequest {
  readonly method?: string;
  readonly host: string;
  readonly path: string;
  readonly form?: Readonly<Record<string, string>>;
  /** Apple's probe speaks 1.0. */
  readonly version?: "1.0" | "1.1";
}

/** A phone in a board's own network: joins it again when it was away, asks for names, opens pages. */
export class Phone {
  readonly #world: World;
  readonly #softAp: SoftAp;
  #isJoined = false;

  constructor(world: World, softAp: SoftAp) {
    this.#world = world;
    this.#softAp = softAp;
  }

  get isJoined(): boolean {
    return this.#isJoined;
  }

  /** Again and again, as phones do with a network that they know. */
  join(ssid: string, password: string): void {
    const again = (): void => this.join(ssid, password);
    this.#world.after(JOIN_MS, () => {
      this.#isJoined = this.#softAp.associate(ssid, password, () => {
        this.#isJoined = false;
        this.#world.after(REJOIN_MS, again);
      });
      if (!this.#isJoined) this.#world.after(REJOIN_MS, again);
    });
  }

  /** One datagram to the board's port 53. */
  askName(query: Uint8Array, answered: (bytes: Uint8Array) => void): void {
    this.#softAp.ask(53, query, answered);
  }

  /** Undefined: no answer that is one. */
  ask(request: PhoneRequest, answered: (answer: PhoneAnswer | undefined) => void): void {
    this.exchange(encodeRequest(request), (text) => answered(decodeAnswer(text)));
  }

  /** Bytes as they are, and what came back until the connection was closed. */
  exchange(bytes: Uint8Array, answered: (text: string) => void): void {
    const pieces: Uint8Array[] = [];
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      giveUp.cancel();
      answered(Buffer.concat(pieces).toString("latin1"));
    };
    const giveUp = this.#world.after(GIVE_UP_MS, () => {
      stream?.hangUp();
      end();
    });
    const stream = this.connect({ received: (piece) => pieces.push(piece), closed: end });
    if (stream === undefined) this.#world.after(0, end);
    else stream.send(bytes);
  }

  /** To the board's port 80; undefined where the phone is in no network, or nobody listens. */
  connect(peer: StreamPeer): ServedStream | undefined {
    return this.#isJoined ? this.#softAp.connect(HTTP_PORT, peer) : undefined;
  }
}

function encodeRequest(request: PhoneRequest): Uint8Array {
  const { host, path, form, version = "1.1" } = request;
  const body = form === undefined ? "" : new URLSearchParams(form).toString();
  const head = [
    `${request.method ?? (form === undefined ? "GET" : "POST")} ${path} HTTP/${version}`,
    `Host: ${host}`,
    "User-Agent: Mozilla/5.0 (a phone)",
    "Accept: text/html,*/*",
    ...(form === undefined
      ? []
      : ["Content-Type: application/x-www-form-urlencoded", `Content-Length: ${body.length}`]),
  ];
  return utf8.encode(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function decodeAnswer(text: string): PhoneAnswer | undefined {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [start = "", ...lines] = head.split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(start)?.[1]);
  if (Number.isNaN(status)) return undefined;
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const body = rest.join("\r\n\r\n");
  const known = new Map(headers);
  return Number(known.get("content-length")) === body.length
    ? { status, headers: known, body }
    : undefined;
}

import { PORTAL_PIECE_BYTES } from "../limits.ts";
import type { StreamConnection, StreamEvents } from "../setup-ports.ts";
import { HttpRequestParser, type PortalRequest } from "./http-request.ts";
import { type PortalAnswer, plain } from "./portal-answer.ts";

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  302: "Found",
  303: "See Other",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  411: "Length Required",
  413: "Content Too Large",
  431: "Request Header Fields Too Large",
};

/** One request and its answer: what comes behind it is dropped. */
export class PortalConnection implements StreamEvents {
  readonly #connection: StreamConnection;
  readonly #answer: (request: PortalRequest) => PortalAnswer;
  readonly #over: () => void;
  readonly #parser = new HttpRequestParser();
  #room = 0;
  /** ASCII; undefined until the request is whole. */
  #text: string | undefined;
  #sentBytes = 0;

  constructor(
    connection: StreamConnection,
    answer: (request: PortalRequest) => PortalAnswer,
    over: () => void,
  ) {
    this.#connection = connection;
    this.#answer = answer;
    this.#over = over;
  }

  received(bytes: Uint8Array): void {
    if (this.#text !== undefined) return;
    const parsed = this.#parser.take(bytes);
    if (parsed === undefined) return;
    const isRequest = parsed.kind === "request";
    const answer = isRequest ? this.#answer(parsed.request) : plain(parsed.status);
    const isHead = isRequest && parsed.request.method === "HEAD";
    this.#text = headOf(answer) + (isHead ? "" : answer.body);
    this.send();
  }

  writable(roomBytes: number): void {
    this.#room = roomBytes;
    this.send();
  }

  closed(): void {
    this.#over();
  }

  /** Whatever is left of it. */
  close(): void {
    this.#connection.close();
    this.#over();
  }

  private send(): void {
    const text = this.#text;
    if (text === undefined) return;
    while (this.#room > 0 && this.#sentBytes < text.length) {
      const endsAt = this.#sentBytes + Math.min(this.#room, PORTAL_PIECE_BYTES);
      const piece = text.slice(this.#sentBytes, endsAt);
      this.#sentBytes += piece.length;
      this.#room = this.#connection.write(asciiBytes(piece));
    }
    if (this.#sentBytes === text.length) this.close();
  }
}

function headOf({ status, headers, body }: PortalAnswer): string {
  const always = [
    ["Content-Length", String(body.length)],
    ["Connection", "close"],
  ] as const;
  const lines = [...headers, ...always].map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n${lines.join("")}\r\n`;
}

function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

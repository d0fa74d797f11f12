import { PORTAL_FORM_BYTES_MAX, PORTAL_HEAD_BYTES_MAX, PORTAL_LINE_BYTES_MAX } from "../limits.ts";

/** What the portal needs of an HTTP request (RFC 9112): 1.0 as well, which Apple's probe speaks. */
export interface PortalRequest {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** Lower case; empty where none was sent. */
  readonly host: string;
  readonly body: Uint8Array;
}

/** The request, or the status that refuses it. */
export type Parsed =
  | { readonly kind: "request"; readonly request: PortalRequest }
  | { readonly kind: "refused"; readonly status: number };

const LF = 10;
const CR = 13;
const NO_BODY = new Uint8Array(0);

/** Takes a request as it comes. One line is held at a time, and of what nobody asks for not even that. */
export class HttpRequestParser {
  readonly #line = new Uint8Array(PORTAL_LINE_BYTES_MAX);
  #lineBytes = 0;
  #headBytes = 0;
  #startLine: readonly [method: string, path: string] | undefined;
  #host = "";
  #contentLength = 0;
  #body: Uint8Array = NO_BODY;
  #bodyBytes = 0;
  #state: "head" | "body" | "over" = "head";

  /** Undefined: more is needed. Nothing follows an answer. */
  take(bytes: Uint8Array): Parsed | undefined {
    let at = 0;
    while (this.#state === "head" && at < bytes.length) {
      const end = bytes.indexOf(LF, at);
      const lineEnd = end < 0 ? bytes.length : end;
      this.keep(bytes.subarray(at, lineEnd));
      if (this.#headBytes > PORTAL_HEAD_BYTES_MAX) return this.refuse(431);
      at = lineEnd + 1;
      const parsed = end < 0 ? undefined : this.endLine();
      if (parsed !== undefined) return parsed;
    }
    return this.#state === "body" ? this.takeBody(bytes.subarray(at)) : undefined;
  }

  /** What does not fit is counted: such a line is one that is skipped, or refused. */
  private keep(part: Uint8Array): void {
    const room = Math.max(0, PORTAL_LINE_BYTES_MAX - this.#lineBytes);
    this.#line.set(part.subarray(0, room), Math.min(this.#lineBytes, PORTAL_LINE_BYTES_MAX));
    this.#lineBytes += part.length;
    this.#headBytes += part.length + 1;
  }

  private endLine(): Parsed | undefined {
    const isWhole = this.#lineBytes <= PORTAL_LINE_BYTES_MAX;
    const line = latin1(this.#line, Math.min(this.#lineBytes, PORTAL_LINE_BYTES_MAX));
    this.#lineBytes = 0;
    if (this.#startLine === undefined) return this.start(line, isWhole);
    if (line !== "") return this.header(line, isWhole);
    if (this.#contentLength === 0) return this.finish();
    this.#body = new Uint8Array(this.#contentLength);
    this.#state = "body";
    return undefined;
  }

  private start(line: string, isWhole: boolean): Parsed | undefined {
    // RFC 9112, 2.2: an empty line before a request is to be ignored.
    if (line === "") return undefined;
    const [method = "", target = "", version = "", ...more] = line.split(" ");
    if (!/^[A-Z]{1,16}$/.test(method) || target === "") return this.refuse(400);
    // The query is what makes such lines long, and nobody reads it.
    const isHttp = isWhole ? version.startsWith("HTTP/1.") && more.length === 0 : true;
    if (!isHttp) return this.refuse(400);
    this.#startLine = [method, pathOf(target)];
    return undefined;
  }

  private header(line: string, isWhole: boolean): Parsed | undefined {
    const colon = line.indexOf(":");
    if (colon <= 0) return this.refuse(400);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "transfer-encoding") return this.refuse(411);
    if (name === "host") this.#host = isWhole ? value.toLowerCase() : "";
    if (name !== "content-length") return undefined;
    if (!/^\d{1,10}$/.test(value)) return this.refuse(400);
    this.#contentLength = Number(value);
    return this.#contentLength > PORTAL_FORM_BYTES_MAX ? this.refuse(413) : undefined;
  }

  private takeBody(bytes: Uint8Array): Parsed | undefined {
    const part = bytes.subarray(0, this.#contentLength - this.#bodyBytes);
    this.#body.set(part, this.#bodyBytes);
    this.#bodyBytes += part.length;
    return this.#bodyBytes === this.#contentLength ? this.finish() : undefined;
  }

  private finish(): Parsed {
    this.#state = "over";
    const [method, path] = this.#startLine ?? ["", ""];
    const request = { method, path, host: this.#host, body: this.#body };
    return { kind: "request", request };
  }

  private refuse(status: number): Parsed {
    this.#state = "over";
    return { kind: "refused", status };
  }
}

/** "http://host/path?query" is what a proxy would be sent. */
function pathOf(target: string): string {
  const path = /^https?:\/\//.test(target) ? target.replace(/^https?:\/\/[^/?]*/, "") : target;
  const [plain = ""] = path.split("?", 1);
  return plain === "" ? "/" : plain;
}

/** XS holds the arguments of a call on its stack, which is small. */
const CHARACTERS_AT_ONCE = 32;

function latin1(bytes: Uint8Array, length: number): string {
  const end = length > 0 && bytes[length - 1] === CR ? length - 1 : length;
  let text = "";
  for (let at = 0; at < end; at += CHARACTERS_AT_ONCE) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(at + CHARACTERS_AT_ONCE, end)));
  }
  return text;
}

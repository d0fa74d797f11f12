import type { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
import { type Duplex, Readable } from "node:stream";
import { connect, type TLSSocket } from "node:tls";
import { judgeCertificates, RefusedServer, type Trust } from "./certificate-judge.ts";
import type { SentRequest } from "./internet.ts";

/** What Moddable's TLS offers, in its order. */
const CIPHERS = [
  ["AES128-SHA", "AES256-SHA", "AES128-SHA256", "AES256-SHA256"],
  ["DHE-RSA-AES128-SHA256", "DHE-RSA-AES256-SHA256", "DHE-RSA-AES128-GCM-SHA256"],
  ["ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"],
];
const TLS = {
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.2",
  ciphers: CIPHERS.flat().join(":"),
  ecdhCurve: "prime256v1",
  sigalgs: "ecdsa_secp256r1_sha256:rsa_pkcs1_sha256",
  ALPNProtocols: ["http/1.1"],
} as const;

/** Connects as a feeder does, to where its server really is. */
export class FeederTls extends Agent {
  readonly #host: string;
  readonly #trust: Trust;

  /** `host` is the name by which the feeder knows the server. */
  constructor(host: string, trust: Trust) {
    super();
    this.#host = host;
    this.#trust = trust;
  }

  override createConnection(
    { host, port }: RequestOptions,
    connected: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const servername = /^[\d.]+$/.test(this.#host) ? {} : { servername: this.#host };
    const at = { host: host ?? "localhost", port: Number(port) };
    // Judged below, by what the feeder trusts and by its clock: OpenSSL has only the machine's.
    const socket = connect({ ...TLS, ...at, ...servername, rejectUnauthorized: false });
    socket.once("error", (error) => connected(error, socket));
    socket.once("secureConnect", () => {
      const wrong = judgeCertificates(shownBy(socket), this.#host, this.#trust);
      if (wrong === undefined) return connected(null, socket);
      socket.destroy();
      connected(new RefusedServer(`${this.#host}: certificate refused, ${wrong}`), socket);
    });
  }
}

export async function sendSecurely(
  { url, method, headers, body }: SentRequest,
  agent: FeederTls,
): Promise<Response> {
  const sending = request(url, { method, headers: Object.fromEntries(headers), agent });
  sending.end(body ?? undefined);
  const [message] = (await once(sending, "response")) as [IncomingMessage];
  const { statusCode: status = 0 } = message;
  const isBodiless = status === 204 || status === 304;
  const stream = isBodiless ? message.resume() : message;
  const answer = isBodiless ? null : (Readable.toWeb(stream) as ReadableStream<Uint8Array>);
  return new Response(answer, { status, headers: headersOf(message) });
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return headers;
}

function shownBy(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next = socket.getPeerX509Certificate();
  while (next !== undefined) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

import TCP from "embedded:io/socket/tcp";
import TLSSocket from "embedded:io/socket/tcp/tls";
import UDP from "embedded:io/socket/udp";
import Resolver from "embedded:network/dns/resolver/udp";
// biome-ignore lint/style/useNodejsImportProtocol: the SDK's module of this name, not Node's
import Net from "net";
import type { Url } from "./url.ts";

/** One connection being made or in use. */
export interface Attempt {
  /** Set when its owner gave up: the SDK's clients would still open a socket when a late DNS answer comes. */
  abandoned: boolean;
}

interface Lookup {
  readonly host: string;
  onResolved(host: string, address: string): void;
  onError(host: string): void;
}

/** Asked when DHCP offered no DNS server. */
const PUBLIC_DNS_SERVERS = ["1.1.1.1", "8.8.8.8"];

/**
 * Stands between the SDK's clients and its resolver. They send their `host` option as the host header and also
 * look it up; the header needs the port (presigned URLs sign it), the lookup and TLS must not see it.
 */
class PortlessResolver {
  readonly #attempt: Attempt;

  constructor(options: { attempt: Attempt }) {
    this.#attempt = options.attempt;
  }

  resolve(lookup: Lookup): void {
    const host = lookup.host.split(":", 1)[0] ?? "";
    const resolver = new Resolver({ servers: dnsServers(), socket: { io: UDP } });
    resolver.resolve({
      host,
      onResolved: (_resolved, address) => {
        // Our name and not the resolver's, which is 127.0.0.1 for localhost: TLS compares it with the certificate.
        if (!this.#attempt.abandoned) lookup.onResolved(host, address);
        return null;
      },
      onError: () => {
        if (!this.#attempt.abandoned) lookup.onError(host);
        return null;
      },
    });
  }
}

function dnsServers(): readonly string[] {
  const offered = Net.get("DNS");
  return offered && offered.length > 0 ? offered : PUBLIC_DNS_SERVERS;
}

/** The options that the SDK's HTTP, WebSocket and MQTT clients share. */
export function connectionOptions(url: Url, attempt: Attempt) {
  return {
    host: url.authority,
    port: url.port,
    dns: { io: PortlessResolver, attempt },
    socket: SOCKETS[url.scheme],
  };
}

const PLAIN = { io: TCP };
const SECURE_HTTP = secureSocket("http/1.1");
const SOCKETS = {
  http: PLAIN,
  https: SECURE_HTTP,
  ws: PLAIN,
  wss: SECURE_HTTP,
  mqtt: PLAIN,
  mqtts: secureSocket("mqtt"),
} as const;

/** With a name of IANA's list of protocols for ALPN (RFC 7301). */
function secureSocket(applicationLayerProtocolNegotiation: "http/1.1" | "mqtt") {
  return { io: TLSSocket, TCP: PLAIN, secure: { applicationLayerProtocolNegotiation } };
}

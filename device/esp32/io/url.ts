export interface Url {
  readonly scheme: "http" | "https" | "ws" | "wss" | "mqtt" | "mqtts";
  readonly host: string;
  readonly port: number;
  /** What the `host` header says: the port only where it is not the scheme's own. */
  readonly authority: string;
  /** Path and query, at least "/". */
  readonly target: string;
}

const DEFAULT_PORTS = {
  http: 80,
  https: 443,
  ws: 80,
  wss: 443,
  mqtt: 1883,
  mqtts: 8883,
} as const;

/** Userinfo, IPv6 literals and everything that could end a header line are refused. */
export function parseUrl(text: string): Url | undefined {
  const shape = /^(https?|wss?|mqtts?):\/\/([A-Za-z0-9.-]+)(?::(\d{1,5}))?([/?][\x21-\x7e]*)?$/;
  const match = shape.exec(text);
  const scheme = match?.[1] as Url["scheme"] | undefined;
  const host = match?.[2];
  if (!match || !scheme || !host) return undefined;
  const port = match[3] === undefined ? DEFAULT_PORTS[scheme] : Number(match[3]);
  if (port < 1 || port > 65_535) return undefined;
  const authority = port === DEFAULT_PORTS[scheme] ? host : `${host}:${port}`;
  return { scheme, host, port, authority, target: targetOf(match[4] ?? "") };
}

function targetOf(rest: string): string {
  const withoutFragment = rest.split("#", 1)[0] ?? "";
  return withoutFragment.startsWith("/") ? withoutFragment : `/${withoutFragment}`;
}

import { X509Certificate } from "node:crypto";
import { isIPv4 } from "node:net";
import { rootCertificates } from "node:tls";

/** What a feeder judges a server's certificates by. */
export interface Trust {
  /** In DER, as they were baked into its firmware. */
  readonly authorities: readonly Uint8Array[];
  /** The time of day as its board has it. */
  readonly clockMs: number;
}

/** The server proved to be somebody else, or nothing at all. */
export class RefusedServer extends Error {
  override readonly name = "RefusedServer";
}

/** manifest.json puts this one root into every image, ca109.der of the SDK. */
const SDK_ROOT = "CN=ISRG Root X1";

let sdkRoots: readonly X509Certificate[] | undefined;

/**
 * Why a feeder refuses these certificates of a server, its own one first; undefined when it does not. As the TLS of SDK
 * 8.2.3 (modules/crypt/ssl/ssl_cert.js, `verify`): names are alternative names only, an authority's own dates do not
 * matter, and a certificate that comes alone has no name.
 */
export function judgeCertificates(
  chain: readonly X509Certificate[],
  host: string,
  { authorities, clockMs }: Trust,
): string | undefined {
  const [server, ...more] = chain;
  if (server === undefined || more.length === 0) return "alone";
  if (!isFor(server, host)) return "name";
  sdkRoots ??= rootCertificates
    .map((pem) => new X509Certificate(pem))
    .filter(({ subject }) => subject.includes(SDK_ROOT));
  const anchors = [...authorities.map((der) => new X509Certificate(der)), ...sdkRoots];
  for (const [index, certificate] of chain.entries()) {
    if (!isValidAt(certificate, clockMs)) return "dates";
    if (anchors.some((anchor) => isSignedBy(certificate, anchor))) return undefined;
    const next = chain[index + 1];
    if (next === undefined || !isSignedBy(certificate, next)) return "authority";
  }
  return "authority";
}

function isFor(server: X509Certificate, host: string): boolean {
  if (isIPv4(host)) return server.checkIP(host) !== undefined;
  return server.checkHost(host, { subject: "never" }) !== undefined;
}

function isValidAt({ validFromDate, validToDate }: X509Certificate, clockMs: number): boolean {
  return validFromDate.getTime() < clockMs && clockMs < validToDate.getTime();
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

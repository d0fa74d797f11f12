import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, unwatchFile, watchFile } from "node:fs";
import { isIP } from "node:net";
import { createSecureContext, type SecureContextOptions } from "node:tls";

export interface TlsFiles {
  /** The server's certificate, and behind it those up to its authority's, as PEM. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** What a server proves its name with. */
export interface TlsIdentity {
  readonly kind: "identity";
  readonly cert: string;
  readonly key: string;
  readonly certificate: X509Certificate;
  /** How many certificates it shows. */
  readonly chainLength: number;
}

export type TlsFailure = {
  readonly kind: "failed";
  readonly reason:
    | "tls_file_unreadable"
    | "tls_file_invalid"
    | "tls_key_mismatch"
    | "tls_certificate_expired";
  readonly detail: string;
};

/** Feeders have the first two and nothing newer; what else they offer is CBC (docs/decisions/0026). */
const CIPHERS = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
].join(":");

const PEM_CERTIFICATE = "-----BEGIN CERTIFICATE-----";
const WARN_DAYS = 30;
const MS_PER_DAY = 86_400_000;

export function readTlsIdentity(files: TlsFiles, nowMs: number): TlsIdentity | TlsFailure {
  const { certFile, keyFile } = files;
  try {
    const [cert, key] = [readFileSync(certFile, "utf8"), readFileSync(keyFile, "utf8")];
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) {
      return failed("tls_key_mismatch", `${keyFile} is not the key of ${certFile}`);
    }
    if (certificate.validToDate.getTime() < nowMs) {
      const ended = certificate.validToDate.toISOString();
      return failed("tls_certificate_expired", `${certFile} ended on ${ended}`);
    }
    // OpenSSL is stricter, and looks at the whole chain.
    createSecureContext(contextOf({ cert, key }));
    const chainLength = cert.split(PEM_CERTIFICATE).length - 1;
    return { kind: "identity", cert, key, certificate, chainLength };
  } catch (error) {
    const isUnreadable = error instanceof Error && "syscall" in error;
    if (isUnreadable) return failed("tls_file_unreadable", error.message);
    return failed("tls_file_invalid", `${certFile}, ${keyFile}: ${String(error)}`);
  }
}

function failed(reason: TlsFailure["reason"], detail: string): TlsFailure {
  return { kind: "failed", reason, detail };
}

/** For servers: no version and no cipher that a feeder of today could not do without. */
export function contextOf({ cert, key }: Pick<TlsIdentity, "cert" | "key">): SecureContextOptions {
  return { cert, key, ciphers: CIPHERS, minVersion: "TLSv1.2", honorCipherOrder: true };
}

/** What will go wrong, although the server can start. */
export function tlsNotices(
  { certificate, chainLength }: TlsIdentity,
  publicHost: string,
  nowMs: number,
): string[] {
  const notices: string[] = [];
  const ends = certificate.validToDate;
  const leftDays = Math.floor((ends.getTime() - nowMs) / MS_PER_DAY);
  if (leftDays < WARN_DAYS) {
    notices.push(`The certificate ends on ${ends.toISOString()}, in ${leftDays} days: renew it.`);
  }
  if (certificate.validFromDate.getTime() > nowMs) {
    notices.push(`The certificate begins on ${certificate.validFromDate.toISOString()}.`);
  }
  if (!isFor(certificate, publicHost)) {
    notices.push(`The certificate is not for ${publicHost}: whoever is told that name refuses it.`);
  }
  // Moddable's TLS compares no name with a certificate that comes alone (docs/decisions/0026).
  if (chainLength < 2) {
    notices.push("The certificate's file lacks its authority's: feeders refuse one alone.");
  }
  return notices;
}

function isFor(certificate: X509Certificate, host: string): boolean {
  const matched = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  return matched !== undefined;
}

/** Cheap enough to ask, and soon enough for whoever renewed a certificate and looks. */
const LOOK_EVERY_MS = 2_000;

/** Tells of another identity in the files, or of why there is none; until what this returns is called. */
export function watchTlsFiles(
  files: TlsFiles,
  nowMs: () => number,
  changed: (read: TlsIdentity | TlsFailure) => void,
): () => void {
  const paths = [files.certFile, files.keyFile];
  const look = () => changed(readTlsIdentity(files, nowMs()));
  for (const path of paths) watchFile(path, { interval: LOOK_EVERY_MS, persistent: false }, look);
  return () => {
    for (const path of paths) unwatchFile(path, look);
  };
}

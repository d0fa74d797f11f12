import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeFolders } from "../../server-min/machine/make-folders.ts";
import { EXIT } from "../failure.ts";
import { bakedCa } from "../firmware/baked-cas.ts";
import { done, type Failed, failed, type Outcome } from "../outcome.ts";
import { createSecret, replaceWhole } from "../whole-file.ts";
import { type Authority, issueAuthority, issueServer } from "./certificate.ts";
import { pemOf, pinOf, readCertificates } from "./certificate-file.ts";
import { localHosts, withLoopback } from "./hosts.ts";

export interface CertOptions {
  readonly name?: readonly string[];
  readonly ip?: readonly string[];
  readonly out: string;
  readonly days: number;
  readonly renew?: boolean;
  readonly json?: boolean;
}

/** What `cert` leaves behind, and what firmware and server are to be told. */
export interface MadeCertificate {
  readonly ca: string;
  readonly caUntil: string;
  readonly caIsNew: boolean;
  readonly certificate: string;
  readonly key: string;
  readonly hosts: readonly string[];
  readonly until: string;
  /** Of the authority's key: RFC 7469's pin-sha256. */
  readonly pin: string;
  /** For mcconfig's `caCertificates=`. */
  readonly caCertificates: string;
}

interface KeptAuthority extends Authority {
  readonly certificate: X509Certificate;
  readonly isNew: boolean;
}

const MS_PER_DAY = 86_400_000;
/** Renewing it means new firmware on every feeder. */
const CA_DAYS = 3_653;
/** Apple's systems take none for longer, from an authority of one's own; feeders far behind need it early. */
const SPAN_DAYS_MAX = 825;
/** A tenth of the work of P-256 for a feeder, which verifies in JavaScript (docs/decisions/0026). */
const RSA_BITS = 2_048;

export async function makeCertificate(options: CertOptions): Promise<Outcome<MadeCertificate>> {
  const at = (name: string) => join(options.out, name);
  const files = { certificate: at("server.pem"), key: at("server-key.pem"), ca: at("ca.pem") };
  if (existsSync(files.certificate) && options.renew !== true) {
    const hint = "add --renew for a new one by the same authority";
    return failed("output_exists", `${files.certificate} is there already`, hint, EXIT.failed);
  }
  const hosts = await hostsOf(options, files.certificate);
  if (hosts.kind === "failed") return hosts;
  const authority = await keptAuthority(options, at("ca-key.pem"), files.ca);
  if (authority.kind === "failed") return authority;
  const key = await keptKey(files.key);
  if (key.kind === "failed") return key;
  const { certificate: ca, isNew } = authority.value;
  const der = issueServer(
    authority.value,
    createPublicKey(key.value),
    hosts.value,
    validity(ca, options.days),
  );
  // Feeders compare no name with a certificate that comes without its authority's.
  const chain = `${pemOf(der)}${pemOf(ca.raw)}`;
  const written = await replaceWhole(files.certificate, Buffer.from(chain));
  if (written.kind === "failed") return written;
  return done({
    ca: resolve(files.ca),
    caUntil: ca.validToDate.toISOString(),
    caIsNew: isNew,
    certificate: resolve(files.certificate),
    key: resolve(files.key),
    hosts: hosts.value,
    until: new X509Certificate(der).validToDate.toISOString(),
    pin: pinOf(ca),
    caCertificates: bakedCa(ca, Date.now()),
  });
}

/** Who is to be named: what was asked for, what the old one names, this machine. */
async function hostsOf(
  { name = [], ip = [] }: CertOptions,
  oldFile: string,
): Promise<Outcome<readonly [string, ...string[]]>> {
  const asked = [...name, ...ip];
  if (asked.length > 0) return done(atLeastOne(withLoopback(asked)));
  if (!existsSync(oldFile)) return done(atLeastOne(localHosts()));
  const old = await readCertificates(oldFile);
  if (old.kind === "failed") return old;
  const named = (old.value[0].subjectAltName ?? "").matchAll(/(?:DNS|IP Address):([^,\s]+)/g);
  return done(atLeastOne(withLoopback([...named].map(([, host = ""]) => host))));
}

function atLeastOne([first = "localhost", ...more]: readonly string[]): readonly [
  string,
  ...string[],
] {
  return [first, ...more];
}

/** Feeders whose clock stands where they last heard the time must find it valid: so it begins long before today. */
function validity(ca: X509Certificate, days: number) {
  const endMs = Math.min(Date.now() + days * MS_PER_DAY, ca.validToDate.getTime());
  const startMs = Math.max(endMs - SPAN_DAYS_MAX * MS_PER_DAY, ca.validFromDate.getTime());
  return { notBefore: new Date(startMs), notAfter: new Date(endMs) };
}

/** The authority of the folder; made once, and never over another. */
async function keptAuthority(
  { out, renew }: CertOptions,
  keyFile: string,
  caFile: string,
): Promise<Outcome<KeptAuthority>> {
  if (existsSync(caFile) && existsSync(keyFile)) return readAuthority(keyFile, caFile);
  if (renew === true || existsSync(caFile) || existsSync(keyFile)) {
    const hint = "name the folder with --out, or make another authority in a new one";
    return failed("ca_not_found", `${out} lacks ca.pem or ca-key.pem`, hint, EXIT.notFound);
  }
  const refused = await makeFolder(out);
  if (refused !== undefined) return refused;
  const key = makeKey();
  const name = `SkyFeeder CA ${new Date().toISOString().slice(0, 10)}`;
  const from = Date.now();
  const notAfter = new Date(from + CA_DAYS * MS_PER_DAY);
  const der = issueAuthority({ name, key }, { notBefore: new Date(from - MS_PER_DAY), notAfter });
  const written = await createSecret(keyFile, pkcs8(key));
  if (written.kind === "failed") return written;
  const shown = await replaceWhole(caFile, Buffer.from(pemOf(der)));
  if (shown.kind === "failed") return shown;
  return done({ name, key, certificate: new X509Certificate(der), isNew: true });
}

async function readAuthority(keyFile: string, caFile: string): Promise<Outcome<KeptAuthority>> {
  const read = await readCertificates(caFile);
  if (read.kind === "failed") return read;
  const [certificate] = read.value;
  const key = await readKey(keyFile);
  if (key.kind === "failed") return key;
  const name = /^CN=(.+)$/m.exec(certificate.subject)?.[1];
  if (!certificate.ca || name === undefined || !certificate.checkPrivateKey(key.value)) {
    const message = `${keyFile} is not the key of an authority in ${caFile}`;
    return failed("ca_invalid", message, "make another authority with --out", EXIT.failed);
  }
  return done({ name, key: key.value, certificate, isNew: false });
}

/** The server's key is kept too: who renews only has one file change under a running server. */
async function keptKey(path: string): Promise<Outcome<KeyObject>> {
  if (existsSync(path)) return readKey(path);
  const key = makeKey();
  const written = await createSecret(path, pkcs8(key));
  return written.kind === "failed" ? written : done(key);
}

async function readKey(path: string): Promise<Outcome<KeyObject>> {
  return readFile(path, "utf8")
    .then(createPrivateKey)
    .then(done, () =>
      failed("key_invalid", `${path} holds no private key`, "move it away", EXIT.failed),
    );
}

async function makeFolder(path: string): Promise<Failed | undefined> {
  return makeFolders(path, 0o700).then(
    () => undefined,
    (error: Error) =>
      failed("output_unusable", error.message, "name a folder with --out", EXIT.failed),
  );
}

function makeKey(): KeyObject {
  return generateKeyPairSync("rsa", { modulusLength: RSA_BITS }).privateKey;
}

function pkcs8(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" });
}

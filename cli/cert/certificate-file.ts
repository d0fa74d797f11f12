import { createHash, X509Certificate } from "node:crypto";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome } from "../outcome.ts";
import { readWhole } from "../whole-file.ts";

/** A chain of certificates has a few kB. */
const BYTES_MAX = 64 * 1024;
const PEM_LINE = 64;
const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** All certificates of a file, at least one. */
export async function readCertificates(
  path: string,
): Promise<Outcome<readonly [X509Certificate, ...X509Certificate[]]>> {
  const read = await readWhole(path, BYTES_MAX);
  if (read.kind === "failed") return read;
  const blocks = Buffer.from(read.value).toString("latin1").match(PEM) ?? [];
  const [first, ...more] = blocks.map(parseCertificate);
  if (first !== undefined && !more.includes(undefined)) {
    return done([first, ...more.filter((certificate) => certificate !== undefined)]);
  }
  const hint = "npm run -s skyfeeder -- cert makes an authority and a certificate";
  return failed("certificate_invalid", `${path} holds no certificate in PEM`, hint, EXIT.failed);
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

export function pemOf(der: Uint8Array): string {
  const text = Buffer.from(der).toString("base64");
  const lines = text.match(new RegExp(`.{1,${PEM_LINE}}`, "g")) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/** RFC 7469, section 2.4: it stays the same when the key gets another certificate. */
export function pinOf({ publicKey }: X509Certificate): string {
  const spki = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("base64");
}

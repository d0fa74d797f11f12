import type { X509Certificate } from "node:crypto";
import { readCertificates } from "../cert/certificate-file.ts";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome } from "../outcome.ts";

/** The one of today, and the one that is to follow it. */
const CAS_MAX = 2;
/** Two of them fit a board's memory beside a TLS record. */
const DER_BYTES_MAX = 2_048;

/** The value of mc/config that says which authorities the firmware takes a server's certificate from. */
export async function caConfig(
  files: readonly string[] = [],
): Promise<Outcome<Record<string, string>>> {
  const baked: string[] = [];
  for (const file of files) {
    const read = await readCertificates(file);
    if (read.kind === "failed") return read;
    const wrong = read.value.find((certificate) => !isUsable(certificate));
    if (wrong !== undefined) {
      const hint = "give ca.pem, as npm run -s skyfeeder -- cert makes it";
      const message = `${file} holds what feeders take no certificates from: ${wrong.subject}`;
      return failed("ca_invalid", message, hint, EXIT.failed);
    }
    baked.push(...read.value.map((certificate) => bakedCa(certificate, Date.now())));
  }
  if (baked.length > CAS_MAX) {
    const message = `${baked.length} authorities: firmware has room for ${CAS_MAX}`;
    return failed("too_many_cas", message, "leave one out", EXIT.usage);
  }
  return done(baked.length === 0 ? {} : { caCertificates: baked.join(" ") });
}

const MS_PER_DAY = 86_400_000;

/** The day of the build, in seconds, for a board's first idea of the time; and the certificate. */
export function bakedCa({ validFromDate, raw }: X509Certificate, builtAtMs: number): string {
  const dayMs = builtAtMs - (builtAtMs % MS_PER_DAY);
  const pastMs = Math.max(validFromDate.getTime(), dayMs);
  return `${pastMs / 1_000}:${raw.toString("base64url")}`;
}

/** What the SDK's X.509 and TLS can verify with. */
function isUsable({ ca, publicKey, raw }: X509Certificate): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  const curves = ["prime256v1", "secp384r1"];
  const isKnown = type === "rsa" || (type === "ec" && curves.includes(details?.namedCurve ?? ""));
  return ca && isKnown && raw.length <= DER_BYTES_MAX;
}

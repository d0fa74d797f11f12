import CertificateManager from "ssl/cert";
import { decodeBase64url } from "../../../protocol/base64url.ts";
import type { Log } from "../ports.ts";

const TAG = "authorities";

/**
 * Takes servers' certificates from the authorities that mcconfig baked in, "seconds:certificate" with a space between.
 * Answers the latest of those seconds, which had passed when the image was built. Undefined without any.
 */
export function trustAuthorities(baked: string, log: Log): number | undefined {
  let builtAfterS: number | undefined;
  for (const entry of baked.split(" ").filter((some) => some !== "")) {
    const [, seconds = "", text = ""] = /^(\d{9,10}):([\w-]+)$/.exec(entry) ?? [];
    const certificate = decodeBase64url(text);
    if (certificate === undefined || certificate.length === 0) {
      log.write("error", TAG, "caCertificates: an entry is no certificate");
      continue;
    }
    // The SDK's list for all connections: its option for one connection takes one authority and no second.
    CertificateManager.register(certificate.slice().buffer);
    builtAfterS = Math.max(Number(seconds), builtAfterS ?? 0);
  }
  return builtAfterS;
}

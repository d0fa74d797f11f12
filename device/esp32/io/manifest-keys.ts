import TextEncoder from "text/encoder";
import { decodeBase64url } from "../../../protocol/base64url.ts";
import type { Log, ManifestKeys } from "../ports.ts";
import { type PublicKey, parsePublicKey, verifyEs256 } from "./es256.ts";

/** As mcconfig baked them in: "kid:x||y", separated by spaces. */
export interface BakedInKeys {
  readonly updateKeys: string;
  /** One key or none. It makes a development build. */
  readonly developmentKey: string;
}

interface NamedKey {
  readonly kid: string;
  readonly key: PublicKey;
}

/** A key that is none is left out: what else the image can do matters more, and the log tells at every start. */
export function openManifestKeys(baked: BakedInKeys, log: Log): ManifestKeys {
  const updateKeys = parseKeys("updateKeys", baked.updateKeys, log);
  const [developmentKey] = parseKeys("developmentKey", baked.developmentKey, log);
  const keys = developmentKey === undefined ? updateKeys : [...updateKeys, developmentKey];
  if (keys.length === 0) log.write("warn", TAG, "no key: this image takes no signed update");
  if (developmentKey !== undefined) log.write("warn", TAG, "this is a development build");
  return {
    isDevelopment: developmentKey !== undefined,
    verify(kid, signingInput, signature) {
      const named = keys.find((candidate) => candidate.kid === kid);
      return named && verifyEs256(named.key, new TextEncoder().encode(signingInput), signature);
    },
  };
}

const TAG = "manifest-keys";

function parseKeys(name: string, text: string, log: Log): readonly NamedKey[] {
  const entries = text.split(" ").filter((entry) => entry !== "");
  return entries.flatMap((entry, at) => {
    const key = parseKey(entry);
    if (key === undefined) log.write("error", TAG, `${name}: entry ${at + 1} is no P-256 key`);
    return key ?? [];
  });
}

/** An RFC 7638 thumbprint, and 64 bytes of a point, both base64url. */
function parseKey(entry: string): NamedKey | undefined {
  const [, kid = "", point = ""] = /^([\w-]{43}):([\w-]{86})$/.exec(entry) ?? [];
  const key = parsePublicKey(decodeBase64url(point) ?? new Uint8Array(0));
  return key && { kid, key };
}

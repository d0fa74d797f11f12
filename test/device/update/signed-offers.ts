import { createHash, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import type { ManifestKeys } from "../../../device/esp32/ports.ts";
import { formatUpdateManifest, type UpdateManifest } from "../../../protocol/update-manifest.ts";
import type { OfferedManifest } from "../../../protocol/update-messages.ts";

export interface TestKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function makeKey(kid: string): TestKey {
  return { kid, ...generateKeyPairSync("ec", { namedCurve: "P-256" }) };
}

/** The port over node:crypto; the adapter over the SDK's ECDSA has its own tests. */
export function trust(keys: readonly TestKey[], isDevelopment = false): ManifestKeys {
  return {
    isDevelopment,
    verify: (kid, signingInput, signature) => {
      const key = keys.find((known) => known.kid === kid)?.publicKey;
      if (key === undefined) return undefined;
      const options = { key, dsaEncoding: "ieee-p1363" } as const;
      return verify("sha256", Buffer.from(signingInput), options, signature);
    },
  };
}

export function sha256Hex(text: string | Uint8Array): string {
  return createHash("sha256").update(text).digest("hex");
}

export const MANIFEST: UpdateManifest = {
  product: "skyfeeder",
  board: "feeder",
  chip: "esp32",
  channel: "stable",
  version: "1.1.0",
  sequence: 7,
  size: 1_200_000,
  sha256: sha256Hex("image of 1.1.0"),
  elfSha256: sha256Hex("build of 1.1.0"),
  minimumVersion: "0.0.0",
  issuedMs: Date.UTC(2026, 5, 1),
  expiresMs: Date.UTC(2026, 6, 1),
  notes: "Blaumeisen \u{1f426}",
};

type Signer = Pick<TestKey, "kid" | "privateKey">;

export function signJws(
  key: Signer,
  payload: string,
  header: object = { alg: "ES256", kid: key.kid, typ: "skyfeeder-update+jws" },
): string {
  const encode = (text: string): string => Buffer.from(text).toString("base64url");
  const signingInput = `${encode(JSON.stringify(header))}.${encode(payload)}`;
  const options = { key: key.privateKey, dsaEncoding: "ieee-p1363" } as const;
  const signature = sign("sha256", Buffer.from(signingInput), options);
  return `${signingInput}.${signature.toString("base64url")}`;
}

export function offerOf(key: Signer, changes: Partial<UpdateManifest> = {}): OfferedManifest {
  const manifest = { ...MANIFEST, ...changes };
  const { size, sha256, version } = manifest;
  const jws = signJws(key, formatUpdateManifest(manifest));
  return { jws, url: "http://server.test/image.bin", size, sha256, version };
}

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";

/** A P-256 key that signs update manifests (ES256). */
export interface SigningKey {
  /** RFC 7638 thumbprint of its public half. */
  readonly kid: string;
  /** The public half as firmware is given it in `updateKeys` and `developmentKey`: kid, colon, x and y in base64url. */
  readonly firmwareKey: string;
  readonly privateKey: KeyObject;
}

/** Undefined for what is no private key, a locked one, or one of another kind. Never says what it has read. */
export function readSigningKey(pem: string): SigningKey | undefined {
  const privateKey = parsePrivateKey(pem);
  if (privateKey?.asymmetricKeyDetails?.namedCurve !== "prime256v1") return undefined;
  const { x = "", y = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  const kid = thumbprint(x, y);
  const point = Buffer.concat([Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  return { kid, firmwareKey: `${kid}:${point.toString("base64url")}`, privateKey };
}

/**
 * A new key as PKCS #8 PEM, for a file that nobody else reads. Its kid never begins with "-" (one of 64 would):
 * public keys are handed on as arguments of commands, which take such a word for an option.
 */
export function makeSigningKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return readSigningKey(pem)?.kid.startsWith("-") ? makeSigningKey() : pem;
}

/** Whether the text has the form of `SigningKey.firmwareKey`, and is one: its kid is the thumbprint of its point. */
export function isFirmwareKey(text: string): boolean {
  const [, kid, encoded = ""] = /^([\w-]{43}):([\w-]{86})$/.exec(text) ?? [];
  const point = Buffer.from(encoded, "base64url");
  const x = point.subarray(0, 32).toString("base64url");
  const y = point.subarray(32).toString("base64url");
  return kid !== undefined && point.toString("base64url") === encoded && thumbprint(x, y) === kid;
}

/** RFC 7638, section 3.2: these members only, in this order, without spaces. */
function thumbprint(x: string, y: string): string {
  const jwk = JSON.stringify({ crv: "P-256", kty: "EC", x, y });
  return createHash("sha256").update(jwk).digest("base64url");
}

function parsePrivateKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { calculateJwkThumbprint, compactVerify, importJWK } from "jose";
import { afterAll, expect, test } from "vitest";
import { decodeAppImage } from "../../host-sim/board/app-image.ts";
import { makeSigningKey, readSigningKey } from "../../server-min/firmware/signing-key.ts";
import { skyfeeder } from "./running-command.ts";

const folder = mkdtempSync(join(tmpdir(), "skyfeeder-keys-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface PublicKey {
  readonly file: string;
  readonly kid: string;
  readonly updateKeys: string;
}

async function keyOf(...args: string[]): Promise<PublicKey> {
  const end = await skyfeeder("firmware", ...args, "--json");
  expect(end.code).toBe(0);
  return JSON.parse(end.stdout) as PublicKey;
}

function newKey(curve = "P-256"): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: curve }).privateKey;
}

function pkcs8(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

/** As `openssl ecparam -name prime256v1 -genkey` writes it. */
function sec1(key: KeyObject): string {
  const parameters =
    "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  return parameters + key.export({ type: "sec1", format: "pem" }).toString();
}

test("keygen makes a key that only its owner may read, and tells its public half", async () => {
  const file = join(folder, "signing-key.pem");
  const made = await keyOf("keygen", "--out", file);
  const pem = readFileSync(file, "utf8");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);

  const jwk = createPublicKey(pem).export({ format: "jwk" });
  const point = ["x", "y"].map((name) => Buffer.from(String(jwk[name as "x"]), "base64url"));
  expect(made).toEqual({
    file,
    kid: await calculateJwkThumbprint({ kty: "EC", crv: "P-256", x: jwk.x, y: jwk.y } as never),
    updateKeys: `${made.kid}:${Buffer.concat(point).toString("base64url")}`,
  });
  expect(await keyOf("key", file)).toEqual(made);
  const shown = await skyfeeder("firmware", "key", file);
  expect(shown.stdout).toContain(made.updateKeys);
  expect(shown.stdout + shown.stderr).not.toContain("PRIVATE");
});

test("a key is never overwritten", async () => {
  const file = join(folder, "kept.pem");
  writeFileSync(file, "somebody's key");
  const end = await skyfeeder("firmware", "keygen", "--out", file, "--json");
  expect(end.code).toBe(1);
  expect(JSON.parse(end.stdout)).toMatchObject({ error: { code: "output_exists" } });
  expect(readFileSync(file, "utf8")).toBe("somebody's key");
});

test("a build holds the keys it was given: files of signing keys, public keys, or mcconfig's whole value", async () => {
  const file = join(folder, "baked.pem");
  const { updateKeys: first } = await keyOf("keygen", "--out", file);
  const { updateKeys: second } = await keyOf("keygen", "--out", join(folder, "second.pem"));
  const out = join(folder, "feeder.bin");
  const configOf = async (...args: string[]) => {
    const end = await skyfeeder("firmware", "build", "--out", out, ...args);
    expect(end.code).toBe(0);
    return (decodeAppImage(readFileSync(out)) as { javascript: string }).javascript;
  };
  const both = await configOf("--update-keys", file, second, "--development-key", file);
  expect(both).toContain(`updateKeys: "${first} ${second}"`);
  expect(both).toContain(`developmentKey: "${first}"`);
  expect(await configOf("--update-keys", `${first} ${second}`)).toContain(
    `updateKeys: "${first} ${second}"`,
  );
});

test("no key that is made has an id which a command would take for an option", () => {
  const kids = Array.from({ length: 400 }, () => readSigningKey(makeSigningKey())?.kid);
  expect(kids.filter((kid) => !kid || kid.startsWith("-"))).toEqual([]);
});

test("a public key whose id is not its own, or that is spelt otherwise, is no key", async () => {
  const { kid } = await keyOf("keygen", "--out", join(folder, "one.pem"));
  const { updateKeys } = await keyOf("keygen", "--out", join(folder, "other.pem"));
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  // 86 letters have 4 bits more than 64 bytes.
  const respelt = updateKeys.slice(0, -1) + letters[letters.indexOf(updateKeys.slice(-1)) + 1];
  const out = join(folder, "refused.bin");
  for (const wrong of [updateKeys.replace(/^[^:]+/, kid), respelt]) {
    const end = await skyfeeder(
      "firmware",
      "build",
      "--update-keys",
      wrong,
      "--out",
      out,
      "--json",
    );
    expect(JSON.parse(end.stdout)).toMatchObject({ error: { code: "key_not_found" } });
  }
});

test.each([
  ["PKCS #8", pkcs8],
  ["SEC 1, with its parameters before it", sec1],
])("a P-256 key in %s signs what its kid verifies", async (_, encode) => {
  const key = readSigningKey(encode(newKey()));
  if (key === undefined) throw new Error("not read");
  const header = { alg: "ES256", kid: key.kid };
  const parts = [header, { sequence: 7 }].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  const input = parts.join(".");
  const signature = sign("sha256", Buffer.from(input), {
    key: key.privateKey,
    dsaEncoding: "ieee-p1363",
  });
  const [kid, point = ""] = key.firmwareKey.split(":");
  const bytes = Buffer.from(point, "base64url");
  const [x, y] = [bytes.subarray(0, 32), bytes.subarray(32)].map((half) =>
    half.toString("base64url"),
  );
  const publicKey = await importJWK({ kty: "EC", crv: "P-256", x, y } as never, "ES256");
  const { protectedHeader } = await compactVerify(
    `${input}.${signature.toString("base64url")}`,
    publicKey,
  );
  expect(protectedHeader.kid).toBe(kid);
});

const locked = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "tit" } as const;

test.each([
  ["another curve", pkcs8(newKey("P-384"))],
  ["another algorithm", pkcs8(generateKeyPairSync("ed25519").privateKey)],
  ["a public key", createPublicKey(newKey()).export({ type: "spki", format: "pem" }).toString()],
  ["a locked key", newKey().export(locked).toString()],
  ["half a key", pkcs8(newKey()).slice(0, 100)],
  ["nothing", ""],
])("%s is no signing key", (_, pem) => {
  expect(readSigningKey(pem)).toBeUndefined();
});

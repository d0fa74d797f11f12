import { createPublicKey, verify } from "node:crypto";
import fc from "fast-check";
import { CompactSign, compactVerify } from "jose";
import { expect, test } from "vitest";
import { parseCompactJws, UPDATE_JWS_TYPE } from "../../protocol/jws.ts";
import { RELEASE_KEY } from "../release-key.ts";

if (RELEASE_KEY === undefined) throw new Error("no key");
const { kid, privateKey } = RELEASE_KEY;
const publicKey = createPublicKey(privateKey);
const HEADER = { alg: "ES256", kid, typ: UPDATE_JWS_TYPE };

function sign(payload: string, header: object = HEADER): Promise<string> {
  return new CompactSign(Buffer.from(payload))
    .setProtectedHeader({ ...HEADER, ...header })
    .sign(privateKey);
}

function encode(text: string | object): string {
  const bytes = typeof text === "string" ? text : JSON.stringify(text);
  return Buffer.from(bytes).toString("base64url");
}

const SIGNATURE = Buffer.alloc(64, 7).toString("base64url");

test("what another implementation signs is read, and its signature is of what is read", async () => {
  const payload = JSON.stringify({ version: "1.0.0" });
  const jws = await sign(payload);
  const read = parseCompactJws(jws);
  expect(read).toMatchObject({ kid, payload });
  const key = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
  const { signingInput = "", signature = new Uint8Array() } = read ?? {};
  expect(verify("sha256", Buffer.from(signingInput), key, signature)).toBe(true);
});

test("of a changed JWS nothing verifies", async () => {
  const jws = await sign("{}");
  const characters = fc.constantFrom(..."ABab01-_.");
  await fc.assert(
    fc.asyncProperty(fc.nat(jws.length - 1), characters, async (at, character) => {
      const changed = jws.slice(0, at) + character + jws.slice(at + 1);
      const read = parseCompactJws(changed);
      const key = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
      const isGood =
        read !== undefined && verify("sha256", Buffer.from(read.signingInput), key, read.signature);
      expect(isGood).toBe(changed === jws);
      const theirs = await compactVerify(changed, publicKey).then(
        () => true,
        () => false,
      );
      // Never laxer than the other implementation.
      expect(theirs || !isGood).toBe(true);
    }),
  );
});

test.each([
  ["another algorithm", { ...HEADER, alg: "HS256" }],
  ["no algorithm", { ...HEADER, alg: "none" }],
  ["another type", { ...HEADER, typ: "JWT" }],
  ["no type", { alg: "ES256", kid }],
  ["no key id", { ...HEADER, kid: undefined }],
  ["a key id that is none", { ...HEADER, kid: 7 }],
  ["what must be understood", { ...HEADER, crit: ["exp"] }],
  ["a list for a header", []],
])("a header with %s is refused", (_, header) => {
  expect(parseCompactJws(`${encode(header)}.${encode("{}")}.${SIGNATURE}`)).toBeUndefined();
});

const GOOD = [encode(HEADER), encode("{}"), SIGNATURE];

test.each([
  ["nothing", ""],
  ["two parts", GOOD.slice(0, 2).join(".")],
  ["four parts", [...GOOD, ""].join(".")],
  ["a signature of 63 bytes", [...GOOD.slice(0, 2), encode("x".repeat(63))].join(".")],
  ["a signature in DER", [...GOOD.slice(0, 2), encode("x".repeat(71))].join(".")],
  ["a payload beyond ASCII", [GOOD[0], encode("ö"), SIGNATURE].join(".")],
  ["a header that is no JSON", [encode("alg"), ...GOOD.slice(1)].join(".")],
  ["padding", [...GOOD.slice(0, 2), `${SIGNATURE}==`].join(".")],
  ["space", ` ${GOOD.join(".")}`],
  ["more than 4096 characters", [GOOD[0], encode("x".repeat(3000)), SIGNATURE].join(".")],
])("%s is no JWS", (_, text) => {
  expect(parseCompactJws(GOOD.join("."))).toBeDefined();
  expect(parseCompactJws(text)).toBeUndefined();
});

test("whatever the text, the answer is a JWS or none", () => {
  const dotted = fc.array(fc.string()).map((parts) => parts.join("."));
  fc.assert(fc.property(dotted, (text) => parseCompactJws(text) === undefined));
});

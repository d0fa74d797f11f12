/** X.509 certificates (RFC 5280), as feeders, browsers and OpenSSL all read them. */
import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";
import {
  bitString,
  explicit,
  implicit,
  integer,
  isTrue,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from "./der.ts";

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Whoever signs: its key, and the name that its own certificate has. */
export interface Authority {
  readonly name: string;
  readonly key: KeyObject;
}

const SHA256_WITH_RSA = sequence(objectIdentifier("1.2.840.113549.1.1.11"), Buffer.of(5, 0));
const COMMON_NAME = "2.5.4.3";
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
const VERSION_3 = explicit(0, integer(Buffer.of(2)));
/** RFC 5280 allows 20; so many are never twice the same by chance. */
const SERIAL_BYTES = 16;
/** Bits of keyUsage, from the left: digitalSignature and keyEncipherment; keyCertSign and cRLSign. */
const FOR_A_SERVER = bitString(Buffer.of(0xa0), 5);
const FOR_AN_AUTHORITY = bitString(Buffer.of(0x06), 1);

/** A certificate of its own, which signs those of servers and of nothing else. */
export function issueAuthority({ name, key }: Authority, validity: Validity): Buffer {
  const publicKey = createPublicKey(key);
  return issue({ name, key }, name, publicKey, validity, [
    critical("2.5.29.19", sequence(isTrue(), integer(Buffer.of(0)))),
    critical("2.5.29.15", FOR_AN_AUTHORITY),
  ]);
}

/** For a server that is reached by these names and IPv4 addresses. */
export function issueServer(
  authority: Authority,
  publicKey: KeyObject,
  hosts: readonly [string, ...string[]],
  validity: Validity,
): Buffer {
  return issue(authority, hosts[0], publicKey, validity, [
    critical("2.5.29.19", sequence()),
    critical("2.5.29.15", FOR_A_SERVER),
    extension("2.5.29.37", sequence(objectIdentifier(SERVER_AUTHENTICATION))),
    extension("2.5.29.17", sequence(...hosts.map(alternativeName))),
  ]);
}

function issue(
  authority: Authority,
  subject: string,
  publicKey: KeyObject,
  { notBefore, notAfter }: Validity,
  extensions: readonly Buffer[],
): Buffer {
  const body = sequence(
    VERSION_3,
    integer(randomBytes(SERIAL_BYTES)),
    SHA256_WITH_RSA,
    commonName(authority.name),
    sequence(time(notBefore), time(notAfter)),
    commonName(subject),
    publicKey.export({ type: "spki", format: "der" }),
    explicit(
      3,
      sequence(
        ...extensions,
        extension("2.5.29.14", octetString(keyId(publicKey))),
        // The SDK of the boards finds the authority by it, in the authority's own certificate too.
        extension("2.5.29.35", sequence(implicit(0, keyId(createPublicKey(authority.key))))),
      ),
    ),
  );
  return sequence(body, SHA256_WITH_RSA, bitString(sign("sha256", body, authority.key)));
}

function commonName(text: string): Buffer {
  return sequence(set(sequence(objectIdentifier(COMMON_NAME), utf8String(text))));
}

/** RFC 5280, section 4.2.1.2, method 1: SHA-1 of the key's bits, which is a name here and proves nothing. */
function keyId(publicKey: KeyObject): Buffer {
  const bits = publicKey.export({ type: "pkcs1", format: "der" });
  return createHash("sha1").update(bits).digest();
}

function alternativeName(host: string): Buffer {
  const DNS_NAME = 2;
  const IP_ADDRESS = 7;
  return isIPv4(host)
    ? implicit(IP_ADDRESS, Buffer.from(host.split(".").map(Number)))
    : implicit(DNS_NAME, Buffer.from(host, "latin1"));
}

function critical(id: string, value: Uint8Array): Buffer {
  return sequence(objectIdentifier(id), isTrue(), octetString(value));
}

function extension(id: string, value: Uint8Array): Buffer {
  return sequence(objectIdentifier(id), octetString(value));
}

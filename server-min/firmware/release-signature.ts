import { sign } from "node:crypto";
import type { Kysely } from "kysely";
import { UPDATE_JWS_TYPE } from "../../protocol/jws.ts";
import type { UpdateManifest } from "../../protocol/update-manifest.ts";
import { formatUpdateManifest } from "../../protocol/update-manifest.ts";
import { encodeText } from "../signature.ts";
import type { Signature } from "../storage/releases.ts";
import { openReleasesAbove, putSignature, takeSequence } from "../storage/releases.ts";
import type { Database, Release } from "../storage/schema.ts";
import type { SigningKey } from "./signing-key.ts";

/** Everything a signature vouches for but its own number and time. */
export type SignedFacts = Pick<
  Release,
  | "version"
  | "product"
  | "board"
  | "chip"
  | "channel"
  | "bytes"
  | "sha256"
  | "elf_sha256"
  | "minimum_version"
  | "notes"
>;

/** Signs under the next sequence: no device has accepted a higher one. */
export async function signNext(
  sql: Kysely<Database>,
  key: SigningKey,
  release: SignedFacts,
  time: { readonly nowMs: number; readonly lifetimeMs: number },
): Promise<Signature> {
  const { nowMs, lifetimeMs } = time;
  const sequence = await takeSequence(sql, release.version, nowMs);
  return signAs(key, release, { sequence, issuedMs: nowMs, expiresMs: nowMs + lifetimeMs });
}

/** Gives the release a higher sequence, so that devices take it that have taken others since. */
export async function signAnew(
  sql: Kysely<Database>,
  key: SigningKey,
  release: Release,
  nowMs: number,
): Promise<Release> {
  const signed = await raise(sql, key, release, nowMs);
  await raiseHigherVersions(sql, key, signed, nowMs);
  return signed;
}

/**
 * A release that may be installed over this one only, or what follows it, has the higher sequence: a device that took the
 * stepping stone would refuse it for ever. Nothing else is signed anew by itself: somebody may have put it aside.
 */
export async function raiseHigherVersions(
  sql: Kysely<Database>,
  key: SigningKey,
  release: Release,
  nowMs: number,
): Promise<void> {
  let below = release;
  for (const above of await openReleasesAbove(sql, release)) {
    if (!needsStep(above)) continue;
    const isRaised = above.sequence > below.sequence;
    below = isRaised ? above : await raise(sql, key, above, nowMs);
  }
}

/** Any version will do for a release that says nothing. */
function needsStep({ minimum_version }: Release): boolean {
  return !minimum_version.startsWith("0.0.0");
}

async function raise(
  sql: Kysely<Database>,
  key: SigningKey,
  release: Release,
  nowMs: number,
): Promise<Release> {
  const lifetimeMs = release.expires_at_ms - release.issued_at_ms;
  const signature = await signNext(sql, key, release, { nowMs, lifetimeMs });
  await putSignature(sql, release.version, signature);
  return { ...release, ...signature };
}

/**
 * The release with a signature of this key that has half of its life before it: an offer does not expire while the
 * release is offered. Its sequence stays, for it is no newer decision.
 */
export async function keepFresh(
  sql: Kysely<Database>,
  key: SigningKey | undefined,
  release: Release,
  nowMs: number,
): Promise<Release> {
  const lifetimeMs = release.expires_at_ms - release.issued_at_ms;
  const isFresh = release.kid === key?.kid && release.expires_at_ms - nowMs >= lifetimeMs / 2;
  if (key === undefined || isFresh) return release;
  const { sequence } = release;
  const signature = signAs(key, release, {
    sequence,
    issuedMs: nowMs,
    expiresMs: nowMs + lifetimeMs,
  });
  await putSignature(sql, release.version, signature);
  return { ...release, ...signature };
}

function signAs(
  key: SigningKey,
  release: SignedFacts,
  number: Pick<UpdateManifest, "sequence" | "issuedMs" | "expiresMs">,
): Signature {
  const { product, board, chip, channel, version, sha256, notes } = release;
  const jws = signManifest(key, {
    ...{ product, board, chip, channel, version, sha256, notes },
    size: release.bytes,
    elfSha256: release.elf_sha256,
    minimumVersion: release.minimum_version,
    ...number,
  });
  const { sequence, issuedMs, expiresMs } = number;
  return { sequence, issued_at_ms: issuedMs, expires_at_ms: expiresMs, kid: key.kid, jws };
}

/** Compact JWS, ES256, in this turn of the event loop. */
function signManifest(key: SigningKey, manifest: UpdateManifest): string {
  const header = JSON.stringify({ alg: "ES256", kid: key.kid, typ: UPDATE_JWS_TYPE });
  const input = `${encodeText(header)}.${encodeText(formatUpdateManifest(manifest))}`;
  const signature = sign("sha256", Buffer.from(input), {
    key: key.privateKey,
    // r and s as they are (RFC 7518, section 3.4), not in DER.
    dsaEncoding: "ieee-p1363",
  });
  return `${input}.${signature.toString("base64url")}`;
}

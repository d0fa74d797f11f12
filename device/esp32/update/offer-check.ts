import { parseCompactJws } from "../../../protocol/jws.ts";
import { compareSemVer, parseSemVer } from "../../../protocol/semver.ts";
import {
  CHANNELS,
  type Channel,
  parseUpdateManifest,
  type UpdateManifest,
} from "../../../protocol/update-manifest.ts";
import type { OfferedManifest, UnsignedImage } from "../../../protocol/update-messages.ts";
import type { OfferRefusal } from "../../../protocol/update-reasons.ts";
import { SEQUENCE_STEP_MAX } from "../limits.ts";
import type { AppDescription, ManifestKeys } from "../ports.ts";
import { type Ledger, refusalOf } from "./ledger.ts";
import type { Release } from "./release.ts";

/** What an offer is held against. */
export interface OfferContext {
  readonly keys: ManifestKeys;
  readonly build: { readonly product: string; readonly board: string; readonly chip: string };
  readonly channel: Channel;
  readonly running: AppDescription;
  /** The highest sequence accepted so far, and the build it named. */
  readonly floor: SequenceFloor;
  readonly ledger: Ledger;
  readonly slotBytes: number;
  /** The server's; undefined before it told. */
  readonly serverTimeMs: number | undefined;
}

export interface SequenceFloor {
  readonly sequence: number;
  readonly elfSha256: string;
}

export type OfferVerdict =
  | { readonly kind: "accepted"; readonly release: Release }
  | { readonly kind: "refused"; readonly reason: OfferRefusal; readonly manifest?: UpdateManifest };

/** Decides from the offer alone: nothing is fetched and no flash touched before it says yes. */
export function checkOffer(
  offer: OfferedManifest,
  force: boolean,
  context: OfferContext,
): OfferVerdict {
  const manifest = verifiedManifest(offer.jws, context.keys);
  if (typeof manifest === "string") return { kind: "refused", reason: manifest };
  const reason = manifestRefusal(manifest, offer, context);
  if (reason !== undefined) return { kind: "refused", reason, manifest };
  const { version, elfSha256, sequence, size: sizeBytes, sha256 } = manifest;
  const what = { version, elfSha256, sequence, sizeBytes, sha256 };
  return { kind: "accepted", release: { ...what, url: offer.url, force, source: offer } };
}

/** Nothing of a manifest is looked at before its signature. */
export function verifiedManifest(jws: string, keys: ManifestKeys): UpdateManifest | OfferRefusal {
  const parts = parseCompactJws(jws);
  if (parts === undefined) return "manifest_unreadable";
  const isGenuine = keys.verify(parts.kid, parts.signingInput, parts.signature);
  if (isGenuine === undefined) return "unknown_key";
  if (!isGenuine) return "bad_signature";
  return parseUpdateManifest(parts.payload) ?? "manifest_unreadable";
}

function manifestRefusal(
  manifest: UpdateManifest,
  offer: OfferedManifest,
  context: OfferContext,
): OfferRefusal | undefined {
  return (
    targetRefusal(manifest, context) ??
    (isOfferOf(manifest, offer) ? undefined : "offer_mismatch") ??
    (isExpired(manifest, context) ? "manifest_expired" : undefined) ??
    sequenceRefusal(manifest, context.floor) ??
    buildRefusal(manifest, context)
  );
}

function targetRefusal(
  manifest: UpdateManifest,
  { build, channel }: OfferContext,
): OfferRefusal | undefined {
  if (manifest.product !== build.product) return "wrong_product";
  if (manifest.board !== build.board) return "wrong_board";
  if (manifest.chip !== build.chip) return "wrong_chip";
  // A feeder on beta also takes what became stable.
  const isTooEarly = CHANNELS.indexOf(manifest.channel) < CHANNELS.indexOf(channel);
  return isTooEarly ? "wrong_channel" : undefined;
}

/** What is unsigned beside the JWS must not contradict it: somebody mixed two releases. */
function isOfferOf(manifest: UpdateManifest, offer: OfferedManifest): boolean {
  const { version, size, sha256 } = manifest;
  return offer.version === version && offer.size === size && offer.sha256 === sha256;
}

/** The time is at least that of this build; without a server's time later expiries are not judged. */
function isExpired({ expiresMs }: UpdateManifest, context: OfferContext): boolean {
  const { running, serverTimeMs } = context;
  return expiresMs < Math.max(running.builtAtMs ?? 0, serverTimeMs ?? 0);
}

/** Equal is the same manifest again. A jump to the end of all numbers would be the last update ever. */
function sequenceRefusal(
  { sequence, elfSha256 }: UpdateManifest,
  floor: SequenceFloor,
): OfferRefusal | undefined {
  if (sequence > floor.sequence + SEQUENCE_STEP_MAX) return "sequence_too_high";
  if (sequence > floor.sequence) return undefined;
  const isSame = sequence === floor.sequence && elfSha256 === floor.elfSha256;
  return isSame ? undefined : "sequence_too_low";
}

function buildRefusal(
  manifest: UpdateManifest,
  { running, ledger, slotBytes }: OfferContext,
): OfferRefusal | undefined {
  if (manifest.elfSha256 === running.elfSha256) return "already_running";
  if (isBelow(running.version, manifest.minimumVersion)) return "below_minimum_version";
  return refusalOf(ledger, manifest) ?? (manifest.size > slotBytes ? "image_too_large" : undefined);
}

/** A version that is none, of an image somebody built by hand, is the lowest. */
function isBelow(version: string, minimum: string): boolean {
  const required = parseSemVer(minimum);
  const has = parseSemVer(version) ?? { numbers: [0, 0, 0], prerelease: ["0"] };
  return required !== undefined && compareSemVer(has, required) < 0;
}

/** The first stack's command: a development build takes it as it is, any other not at all. */
export function checkUnsigned(
  image: UnsignedImage,
  force: boolean,
  { keys, slotBytes }: OfferContext,
): OfferVerdict {
  if (!keys.isDevelopment) return { kind: "refused", reason: "unsigned" };
  if (image.size > slotBytes) return { kind: "refused", reason: "image_too_large" };
  const { url, version, sha256, size: sizeBytes } = image;
  const what = { version, elfSha256: "", sequence: 0, sizeBytes, sha256, url };
  return { kind: "accepted", release: { ...what, force, source: image } };
}

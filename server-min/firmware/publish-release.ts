import type { Channel } from "../../protocol/update-manifest.ts";
import type { AppPorts } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";
import { devicesTooSmall } from "../storage/device-firmware.ts";
import { insertRelease, releaseByVersion } from "../storage/releases.ts";
import type { Release } from "../storage/schema.ts";
import type { ImageFacts } from "./inspect-image.ts";
import { inspectImage } from "./inspect-image.ts";
import type { ReceivedImage } from "./receive-image.ts";
import { channelsThatTake } from "./release-choice.ts";
import { raiseHigherVersions, signNext } from "./release-signature.ts";
import type { SigningKey } from "./signing-key.ts";

/** What the publisher says of an image, beside what the image says itself. */
export interface PublishRequest {
  readonly channel: Channel;
  readonly board: string;
  readonly minimumVersion: string;
  readonly notes: string;
  readonly lifetimeMs: number;
}

export type Published =
  | { readonly kind: "published" | "known"; readonly release: Release }
  | Refusal;

export function imageKey(sha256: string): string {
  return `firmware/${sha256}.bin`;
}

/**
 * Makes an image a release. Publishers must take turns here: the look-up, the object and the row are three steps. First
 * the object, then its row: a crash between leaves an object nobody lists, and publishing is repeated.
 */
export async function publishRelease(
  { sql, objects, clock }: Pick<AppPorts, "sql" | "objects" | "clock">,
  key: SigningKey,
  image: ReceivedImage,
  request: PublishRequest,
): Promise<Published> {
  const inspected = inspectImage(image.bytes, image.sha256);
  if (inspected.kind === "refused") return inspected;
  const { facts } = inspected;
  const { version } = facts;
  const existing = await releaseByVersion(sql, version);
  if (existing !== undefined) {
    const known = compareWith(existing, facts, request);
    // A crash may have come between its row and this.
    if (known.kind === "known") await raiseHigherVersions(sql, key, existing, clock.nowMs());
    return known;
  }
  const { channel, board, minimumVersion: minimum_version, notes, lifetimeMs } = request;
  const channels = channelsThatTake(channel);
  const devices = await devicesTooSmall(sql, { ...facts, board, channels });
  if (devices.length > 0) return doesNotFit(devices);

  await using writer = await objects.create(imageKey(facts.sha256));
  await writer.write(image.bytes);
  await writer.commit();
  const nowMs = clock.nowMs();
  const release = {
    ...{ ...facts, channel, board, minimum_version, notes, published_at_ms: nowMs },
    ...{ blocked_at_ms: null, block_reason: null },
  };
  const signature = await signNext(sql, key, release, { nowMs, lifetimeMs });
  const signed = { ...release, ...signature };
  if (!(await insertRelease(sql, signed))) return refused("version_taken", version);
  await raiseHigherVersions(sql, key, signed, nowMs);
  return { kind: "published", release: signed };
}

function compareWith(
  existing: Release,
  { version, sha256 }: ImageFacts,
  { channel, board }: PublishRequest,
): Published {
  if (existing.sha256 !== sha256) return refused("version_taken", `${version} has other bytes`);
  if (existing.channel !== channel || existing.board !== board) {
    const place = `channel ${existing.channel} for board ${existing.board}`;
    return refused("version_taken", `${version} is published in ${place}`);
  }
  return { kind: "known", release: existing };
}

function doesNotFit(devices: readonly string[]): Refusal {
  const count = devices.length === 1 ? "a device" : `${devices.length} devices`;
  return { ...refused("image_does_not_fit", `a slot of ${count} is smaller`), devices };
}

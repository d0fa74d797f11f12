import type { AppPorts } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";
import { blockRelease, releaseBefore, releaseByVersion } from "../storage/releases.ts";
import type { Release } from "../storage/schema.ts";
import { channelsTakenBy } from "./release-choice.ts";
import { signAnew } from "./release-signature.ts";

/** Whoever signs takes turns under this name: sequences follow the order of versions over several rows. */
export const RELEASES = "releases";

type Ports = Pick<AppPorts, "sql" | "clock" | "settings">;

/** Ends a release, and gives whoever runs it the one before to go back to. Said again it changes nothing. */
export async function blockVersion(
  { sql, clock, settings }: Ports,
  version: string,
  reason: string | null,
): Promise<Release | Refusal> {
  const release = await releaseByVersion(sql, version);
  if (release === undefined) return refused("not_found");
  const nowMs = clock.nowMs();
  await blockRelease(sql, { version, reason, nowMs });
  const prior = await releaseBefore(sql, release, channelsTakenBy(release.channel));
  // Whoever runs the blocked one has accepted its sequence, and takes no lower one.
  const isLower = prior !== undefined && prior.sequence < release.sequence;
  if (isLower && settings.signingKey !== undefined) {
    await signAnew(sql, settings.signingKey, prior, nowMs);
  }
  return (await releaseByVersion(sql, version)) ?? refused("not_found");
}

/** A higher sequence for a release: it clears what feeders hold against its old one, and lets them go back to it. */
export async function resignVersion(
  { sql, clock, settings }: Ports,
  version: string,
): Promise<Release | Refusal> {
  const release = await releaseByVersion(sql, version);
  if (release === undefined) return refused("not_found");
  if (release.blocked_at_ms !== null) return refused("release_blocked");
  if (settings.signingKey === undefined) return refused("signing_key_missing");
  return signAnew(sql, settings.signingKey, release, clock.nowMs());
}

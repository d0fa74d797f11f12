import type { Context } from "hono";
import { Hono } from "hono";
import * as v from "valibot";
import type { PublishedRelease } from "../../protocol/published-release.ts";
import { parseSemVer } from "../../protocol/semver.ts";
import { CHANNELS, isProductName, NOTES_CHARACTERS_MAX } from "../../protocol/update-manifest.ts";
import type { Audit } from "../identity/audit.ts";
import type { Checked } from "../json-body.ts";
import { readOptionalJson } from "../json-body.ts";
import type { DiskGuard } from "../keeping/disk-guard.ts";
import type { AppPorts } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import type { SerialQueue } from "../serial-queue.ts";
import { listReleases, releaseByVersion } from "../storage/releases.ts";
import type { Release } from "../storage/schema.ts";
import type { PublishRequest } from "./publish-release.ts";
import { publishRelease } from "./publish-release.ts";
import { imageBytes, receiveImage } from "./receive-image.ts";
import { blockVersion, RELEASES, resignVersion } from "./release-decisions.ts";
import { USUAL } from "./usual-device.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Below every version: the release may be installed over any. */
const ANY_VERSION = "0.0.0-0";

const NOTES = v.pipe(
  v.string(),
  v.maxLength(NOTES_CHARACTERS_MAX),
  // A character outside ASCII is six in the manifest, and a feeder keeps the manifest in 4,000 bytes.
  v.check((notes) => escaped(notes).length <= 2 * NOTES_CHARACTERS_MAX, "too long once escaped"),
);

/** For readers of the API, who are not told the check itself. */
const A_STRING = v.metadata<string, { readonly type: "string" }>({ type: "string" });

export const PUBLISH_QUERY = v.object({
  channel: v.optional(v.picklist(CHANNELS), USUAL.channel),
  board: v.optional(
    v.pipe(v.custom<string>(isProductName, "not a board's name"), A_STRING),
    USUAL.board,
  ),
  minimumVersion: v.optional(
    v.pipe(v.custom<string>(isVersion, "not a SemVer"), A_STRING),
    ANY_VERSION,
  ),
  notes: v.optional(NOTES, ""),
  expiresDays: v.optional(v.pipe(v.string(), v.regex(/^[1-9]\d{0,2}$/), v.transform(Number)), "30"),
});

export const BLOCK_BODY = v.object({ reason: v.optional(v.pipe(v.string(), v.maxLength(200))) });

type ReleasePorts = Pick<AppPorts, "sql" | "objects" | "clock" | "settings">;

interface ReleaseParts {
  readonly turns: SerialQueue;
  readonly audit: Audit;
  readonly diskGuard: DiskGuard;
}

/** The operator's side: releases are published, listed, blocked and signed anew. */
export function releaseRoutes(ports: ReleasePorts, parts: ReleaseParts): Hono {
  const { sql } = ports;
  const { turns, audit } = parts;
  const inTurn = <Result>(work: () => Promise<Result>) => turns.run(RELEASES, work);

  async function decide(
    c: Context,
    action: string,
    work: () => Promise<Release | Refusal>,
  ): Promise<Response> {
    const target = c.req.param("version") ?? "";
    const before = await releaseByVersion(sql, target);
    const after = await inTurn(work);
    if ("kind" in after) return problemAnswer(after);
    const changed = { before: before && describeRelease(before), after: describeRelease(after) };
    await audit.did(c, { action, target, ...changed });
    return c.json(changed.after);
  }

  return new Hono()
    .post("/v1/releases", (c) => publish(ports, parts, c))
    .get("/v1/releases", async (c) =>
      c.json({ releases: (await listReleases(sql)).map(describeRelease) }),
    )
    .get("/v1/releases/:version", async (c) => {
      const release = await releaseByVersion(sql, c.req.param("version"));
      return release === undefined
        ? problemAnswer(refused("not_found"))
        : c.json(describeRelease(release));
    })
    .post("/v1/releases/:version/block", async (c) => {
      const body = await readOptionalJson(c.req.raw, BLOCK_BODY);
      if (body.kind === "refused") return problemAnswer(body);
      const { reason = null } = body.value;
      const version = c.req.param("version");
      return decide(c, "block_release", () => blockVersion(ports, version, reason));
    })
    .post("/v1/releases/:version/resign", async (c) =>
      decide(c, "resign_release", () => resignVersion(ports, c.req.param("version"))),
    );
}

async function publish(
  ports: ReleasePorts,
  { turns, audit, diskGuard }: ReleaseParts,
  c: Context,
): Promise<Response> {
  const key = ports.settings.signingKey;
  if (key === undefined) return problemAnswer(refused("signing_key_missing"));
  const query = checkQuery(c.req.query());
  if (query.kind === "refused") return problemAnswer(query);
  const announced = imageBytes(c.req.raw.headers);
  if (announced.kind === "refused") return problemAnswer(announced);
  using room = diskGuard.reserve(announced.bytes);
  if (room.kind === "refused") return problemAnswer(room);
  const image = await receiveImage(c.req.raw);
  if (image.kind === "refused") return problemAnswer(image);
  const published = await turns.run(RELEASES, () => publishRelease(ports, key, image, query.value));
  if (published.kind === "refused") return problemAnswer(published);
  const release = describeRelease(published.release);
  if (published.kind === "published") {
    await audit.did(c, { action: "publish_release", target: release.version, after: release });
  }
  return c.json(release, published.kind === "published" ? 201 : 200);
}

function checkQuery(query: Record<string, string>): Checked<PublishRequest> {
  const checked = v.safeParse(PUBLISH_QUERY, query);
  if (!checked.success) {
    const [issue] = checked.issues;
    return refused("invalid_request", `${String(issue.path?.[0]?.key)}: ${issue.message}`);
  }
  const { expiresDays, ...request } = checked.output;
  return { kind: "ok", value: { ...request, lifetimeMs: expiresDays * DAY_MS } };
}

function isVersion(text: unknown): boolean {
  return typeof text === "string" && parseSemVer(text) !== undefined;
}

function escaped(text: string): string {
  return text.replace(/[\u0080-\uffff]/g, "\\u0000");
}

function describeRelease(release: Release): PublishedRelease {
  const { version, product, board, chip, channel, sha256, notes, sequence, kid } = release;
  const { blocked_at_ms: blockedMs, block_reason: reason } = release;
  return {
    ...{ version, product, board, chip, channel, size: release.bytes, sha256 },
    elfSha256: release.elf_sha256,
    minimumVersion: release.minimum_version,
    notes,
    published: isoTime(release.published_at_ms),
    ...{ sequence, issued: isoTime(release.issued_at_ms), expires: isoTime(release.expires_at_ms) },
    kid,
    blocked: blockedMs === null ? null : { at: isoTime(blockedMs), reason },
  };
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

import type { Context } from "hono";
import { Hono } from "hono";
import type { ImmutableObject } from "../objects/ranged-answer.ts";
import { answerRanged, requestedRange } from "../objects/ranged-answer.ts";
import type { AppPorts } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { problemAnswer, refused } from "../problem-answer.ts";
import { logFirmware } from "../storage/firmware-log.ts";
import { releaseByVersion } from "../storage/releases.ts";
import type { Release } from "../storage/schema.ts";
import type { ImageGrant } from "./image-token.ts";
import { readImageToken } from "./image-token.ts";
import type { Offers } from "./offers.ts";
import { imageKey } from "./publish-release.ts";

/** A feeder's trial is the first kilobyte; more would be the image for whoever asks for the manifest. */
const TRIAL_BYTES_MAX = 64 * 1024;

type Ports = Pick<AppPorts, "sql" | "objects" | "clock" | "settings">;

/** The images of releases, and their manifests as last signed. */
export function imageRoutes(ports: Ports, offers: Offers): Hono {
  return (
    new Hono()
      .get("/firmware/:version/image.bin", (c) => sendImage(ports, c, c.req.param("version")))
      .get("/fw/:version/:file{.+\\.bin}", (c) => sendImage(ports, c, c.req.param("version")))
      // An operator's, for a board on a cable: the gate asks who it is, and no token is in its address.
      .get("/v1/releases/:version/image", async (c) => {
        const release = await openRelease(ports, c.req.param("version"));
        return "kind" in release
          ? problemAnswer(release)
          : answerRanged(c, ports.objects, imageObject(release));
      })
      .get("/firmware/:version/manifest", async (c) => {
        const release = await openRelease(ports, c.req.param("version"));
        if ("kind" in release) return problemAnswer(release);
        // Whether a release is blocked is asked here: no cache may answer.
        c.header("Cache-Control", "no-store");
        return c.json(await offers.of(release, { kind: "trial" }));
      })
  );
}

async function sendImage(ports: Ports, c: Context, version: string): Promise<Response> {
  const release = await openRelease(ports, version);
  if ("kind" in release) return problemAnswer(release);
  const image = imageObject(release);
  const grant = readGrant(ports, c, version, image);
  if (grant.kind === "refused") return problemAnswer(grant);
  if (grant.kind === "device") c.set("deviceId", grant.deviceId);
  const answer = await answerRanged(c, ports.objects, image);
  const range = requestedRange(c, image);
  const isSent = range.kind !== "unsatisfiable" && answer.status < 300;
  await logFirmware(ports.sql, {
    at_ms: ports.clock.nowMs(),
    device_id: grant.kind === "device" ? grant.deviceId : null,
    kind: "download",
    version,
    http_status: answer.status,
    first_byte: isSent ? range.firstByte : null,
    last_byte: isSent ? range.lastByte : null,
  });
  return answer;
}

function imageObject({ sha256, bytes }: Release): ImmutableObject {
  return { key: imageKey(sha256), sha256, bytes, contentType: "application/octet-stream" };
}

/** A blocked release stops at once, also for whoever has begun to download it. */
async function openRelease({ sql }: Ports, version: string): Promise<Release | Refusal> {
  const release = await releaseByVersion(sql, version);
  if (release === undefined) return refused("not_found");
  return release.blocked_at_ms === null ? release : refused("release_blocked");
}

function readGrant(
  { clock, settings }: Ports,
  c: Context,
  version: string,
  image: ImmutableObject,
): ImageGrant | Refusal {
  const token = c.req.query("token") ?? bearerToken(c.req.header("Authorization"));
  if (token === undefined) return refused("token_missing");
  const release = { version, nowMs: clock.nowMs() };
  const grant = readImageToken(settings.uploadSecret, token, release);
  if (grant === undefined) return refused("token_invalid");
  if (grant.kind === "device" || isTrial(c, image)) return grant;
  return refused("token_invalid", `this token is for the first ${TRIAL_BYTES_MAX} bytes`);
}

function isTrial(c: Context, image: ImmutableObject): boolean {
  const range = requestedRange(c, image);
  return range.kind === "part" && range.lastByte < TRIAL_BYTES_MAX;
}

function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
}

import { verify } from "node:crypto";
import { encodeAppImage } from "../../host-sim/board/app-image.ts";
import { parseRecord } from "../../protocol/json.ts";
import { parseCompactJws } from "../../protocol/jws.ts";
import type { PublishedRelease } from "../../protocol/published-release.ts";
import { parseUpdateManifest, type UpdateManifest } from "../../protocol/update-manifest.ts";
import type { CheckUpdateRequest, OfferedManifest } from "../../protocol/update-messages.ts";
import { parseCheckUpdateAnswer } from "../../protocol/update-messages.ts";
import { RELEASE_KEY } from "../release-key.ts";
import { openServer, postJson, type TestServer } from "./server-fixture.ts";

/** An ESP32 image of a build; each version is a build of its own unless it is given the same code. */
export function makeImage(
  build: { version?: string; product?: string; code?: string; bytes?: number } = {},
): Uint8Array<ArrayBuffer> {
  const { version = "1.0.0", product = "skyfeeder", bytes } = build;
  const javascript = build.code ?? `run("${version}");`;
  const padding = bytes === undefined ? {} : { padToBytes: bytes };
  return new Uint8Array(encodeAppImage({ product, version, javascript, ...padding }));
}

export async function publish(
  server: TestServer,
  image: BodyInit,
  query: Readonly<Record<string, string>> = {},
) {
  const path = `/v1/releases?${new URLSearchParams(query)}`;
  const init = { method: "POST", body: image, duplex: "half" };
  const answer = await server.app.request(path, init);
  return { status: answer.status, body: parseRecord(await answer.text()) ?? {} };
}

/** Publishes a version, and answers its release; its image has whatever is asked for. */
export async function release(
  server: TestServer,
  version: string,
  query: Readonly<Record<string, string>> = {},
  image: Parameters<typeof makeImage>[0] = {},
): Promise<PublishedRelease> {
  const published = await publish(server, makeImage({ version, ...image }), query);
  if (published.status !== 201) throw new Error(JSON.stringify(published.body));
  return published.body as unknown as PublishedRelease;
}

const DEVICE: CheckUpdateRequest = {
  deviceId: "feeder-1",
  current_version: "0.9.0",
  labels: [],
  board: "feeder",
  chip: "esp32",
  channel: "stable",
  elfSha256: "9".repeat(64),
  slotBytes: 0x1f0000,
  sequence: 0,
  ledger: [],
};

export interface Checked {
  readonly manifest: UpdateManifest;
  readonly offered: OfferedManifest;
}

/** What a feeder that tells these things is offered; a signature that does not hold is no offer. */
export async function check(
  server: TestServer,
  told: Partial<CheckUpdateRequest> = {},
): Promise<Checked | undefined> {
  const { status, body } = await postJson(server, "/api/v1/check-update", { ...DEVICE, ...told });
  const answer = parseCheckUpdateAnswer(JSON.stringify(body));
  if (status !== 200 || answer === undefined) throw new Error(JSON.stringify(body));
  return answer.manifest && { offered: answer.manifest, manifest: readManifest(answer.manifest) };
}

/** The version that is offered, if any. */
export async function offeredVersion(server: TestServer, told: Partial<CheckUpdateRequest> = {}) {
  return (await check(server, told))?.offered.version;
}

/** What runs, and what its slot is like, for a feeder that has taken this release. */
export function running({ version, elfSha256, sequence }: PublishedRelease) {
  return { current_version: version, elfSha256, sequence };
}

/** The manifest, once its signature by the server's key was found good. */
export function readManifest({ jws }: OfferedManifest): UpdateManifest {
  const parts = parseCompactJws(jws);
  if (RELEASE_KEY === undefined || parts?.kid !== RELEASE_KEY.kid) throw new Error("another key");
  const key = { key: RELEASE_KEY.privateKey, dsaEncoding: "ieee-p1363" } as const;
  const isGood = verify("sha256", Buffer.from(parts.signingInput), key, parts.signature);
  const manifest = isGood ? parseUpdateManifest(parts.payload) : undefined;
  if (manifest === undefined) throw new Error("the signature does not hold");
  return manifest;
}

/** Path and query of a URL that the server handed out. */
export function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** A server with these versions published, one after the other. */
export async function openWith(...versions: string[]): Promise<TestServer> {
  const server = openServer();
  for (const version of versions) await release(server, version);
  return server;
}

export async function block(server: TestServer, version: string) {
  return postJson(server, `/v1/releases/${version}/block`, { reason: "squeaks" });
}

export async function resign(server: TestServer, version: string): Promise<void> {
  await postJson(server, `/v1/releases/${version}/resign`, {});
}

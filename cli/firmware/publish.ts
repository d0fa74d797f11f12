import { basename } from "node:path";
import { SIMULATOR } from "../../protocol/app-description.ts";
import { readFirmwareFile } from "../../protocol/firmware-file.ts";
import { parseRecord } from "../../protocol/json.ts";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome, printOutcome } from "../outcome.ts";
import { noServer, refusedBy, type Target, unreachable } from "../server/call.ts";
import type { ServerOptions } from "../server/target.ts";
import { findTarget } from "../server/target.ts";
import { readWhole } from "../whole-file.ts";

export type PublishOptions = ServerOptions & Release;

export interface Release {
  readonly file: string;
  readonly channel?: string;
  readonly board?: string;
  readonly minimumVersion?: string;
  readonly notes?: string;
  readonly expiresDays?: number;
  /** Meant for simulated boards, wherever the server is. */
  readonly simulated?: boolean;
}

/** The server's own words for the release; `isNew` is false when it had these bytes as that before. */
type Published = Readonly<Record<string, unknown>> & { readonly isNew: boolean };

/** A whole flash: what is too large or no update at all the server says better. */
const FILE_BYTES_MAX = 16 * 1024 * 1024;
/** 4 MB at 16 kB/s, a slow uplink. */
const TIMEOUT_MS = 240_000;
const PIECE_BYTES = 64 * 1024;
const COMMAND = "npm run -s skyfeeder --";

/** Standard output has the release; how far the upload is goes to standard error. */
export async function runPublish(options: PublishOptions): Promise<void> {
  printOutcome(await publishFile(options), options.json, publishedText);
}

async function publishFile(options: PublishOptions): Promise<Outcome<Published>> {
  const target = await findTarget(options);
  return target.kind === "failed" ? target : publishRelease(target.value, options);
}

/** A server that others reach has feeders that hang in trees: an image of the simulator is none for them. */
export async function publishRelease(
  { base, credentials }: Target,
  options: Release,
): Promise<Outcome<Published>> {
  const image = await readWhole(options.file, FILE_BYTES_MAX);
  if (image.kind === "failed") return image;
  if (options.simulated !== true && !isLoopback(base) && isSimulated(image.value)) {
    const message = `${options.file} is for simulated boards, and ${base.origin} is not this machine`;
    const hint = "build it with the Moddable SDK (docs/moddable.md), or say --simulated";
    return failed("image_simulated", message, hint, EXIT.usage);
  }
  talk(`sending ${basename(options.file)}, ${image.value.length} bytes, to ${base.origin}`);
  const answer = await send(releaseUrl(base, options), image.value, credentials);
  if (answer instanceof Error) return unreachable(base, answer, TIMEOUT_MS);
  const body = parseRecord(await answer.text());
  if (body === undefined) return noServer(base, answer);
  if (!answer.ok) return refusedBy(base, answer, body, hintsFor(options.file));
  return done({ ...body, isNew: answer.status === 201 });
}

function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function isSimulated(image: Uint8Array): boolean {
  const file = readFirmwareFile(image);
  return typeof file === "object" && file.app.description?.idfVersion === SIMULATOR;
}

function releaseUrl(base: URL, options: Release): URL {
  const url = new URL("v1/releases", base);
  const { channel, board, minimumVersion, notes, expiresDays } = options;
  const query = { channel, board, minimumVersion, notes, expiresDays };
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

function send(
  url: URL,
  image: Uint8Array,
  credentials: Readonly<Record<string, string>>,
): Promise<Response | Error> {
  const length = String(image.length);
  const request = {
    method: "POST",
    headers: {
      ...{ "Content-Length": length, "Content-Type": "application/octet-stream" },
      ...credentials,
    },
    redirect: "manual" as const,
    body: inPieces(image),
    duplex: "half",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
  return fetch(url, request).catch((error: Error) => error);
}

function inPieces(image: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= image.length) return controller.close();
      controller.enqueue(image.subarray(at, at + PIECE_BYTES));
      at += PIECE_BYTES;
      showProgress(Math.min(1, at / image.length));
    },
  });
}

/** On a terminal only: elsewhere it would be lines of noise. */
function showProgress(fraction: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r${Math.floor(fraction * 100)} %${fraction === 1 ? "\n" : ""}`);
}

/** The next step, by the server's code. */
function hintsFor(file: string): Readonly<Record<string, string>> {
  return {
    image_merged: `publish the application alone: ${COMMAND} firmware build-ota FOLDER`,
    image_invalid: `${COMMAND} firmware inspect ${file}`,
    image_corrupt: `build it again, and look at it: ${COMMAND} firmware inspect ${file}`,
    image_does_not_fit: "make the image smaller, or publish it for another --board or --channel",
    invalid_version: "give the build a version like 1.2.3 (SemVer)",
    version_taken: "give the build a higher version",
    body_too_large: "make the image smaller: two of them must fit the flash",
    signing_key_missing: `start the server with --signing-key; ${COMMAND} firmware keygen makes one`,
    invalid_request: `${COMMAND} firmware publish --help`,
  };
}

function publishedText(published: Published): string {
  const { isNew, version, channel, board, chip, sequence, expires, sha256, blocked } = published;
  const isBlocked = blocked !== null && blocked !== undefined;
  return [
    `${isNew ? "published" : "already published"}  ${version}${isBlocked ? ", and blocked: nobody is offered it" : ""}`,
    `for        ${board} (${chip}), channel ${channel}`,
    `signed     sequence ${sequence}, until ${expires}`,
    `sha256     ${sha256}`,
  ].join("\n");
}

function talk(line: string): void {
  process.stderr.write(`${line}\n`);
}

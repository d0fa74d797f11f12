import { basename } from "node:path";
import { parseRecord } from "../../protocol/json.ts";
import { EXIT } from "../failure.ts";
import { done, type Failed, failed, type Outcome, printOutcome } from "../outcome.ts";
import { readWhole } from "../whole-file.ts";

export interface PublishOptions {
  readonly file: string;
  readonly server: string;
  readonly channel?: string;
  readonly board?: string;
  readonly minimumVersion?: string;
  readonly notes?: string;
  readonly expiresDays?: number;
  readonly json?: boolean;
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
  const url = releaseUrl(options);
  if (url === undefined) {
    const message = `"${options.server}" is no http or https address`;
    return failed("bad_server_url", message, "--server http://localhost:8080", EXIT.usage);
  }
  const image = await readWhole(options.file, FILE_BYTES_MAX);
  if (image.kind === "failed") return image;
  talk(`sending ${basename(options.file)}, ${image.value.length} bytes, to ${url.origin}`);
  const answer = await send(url, image.value);
  if (answer instanceof Error) return unreachable(url, answer);
  const body = parseRecord(await answer.text());
  if (!answer.ok) return refusedBy(answer.status, body, options);
  return body === undefined
    ? noServer(url, answer.status)
    : done({ ...body, isNew: answer.status === 201 });
}

function releaseUrl(options: PublishOptions): URL | undefined {
  const base = URL.parse(options.server);
  if (base === null || !/^https?:$/.test(base.protocol)) return undefined;
  const url = new URL(`${base.pathname.replace(/\/+$/, "")}/v1/releases`, base);
  const { channel, board, minimumVersion, notes, expiresDays } = options;
  const query = { channel, board, minimumVersion, notes, expiresDays };
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

function send(url: URL, image: Uint8Array): Promise<Response | Error> {
  const request = {
    method: "POST",
    headers: { "Content-Length": String(image.length), "Content-Type": "application/octet-stream" },
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

function unreachable(url: URL, error: Error): Failed {
  if (error.name === "TimeoutError") {
    const message = `${url.origin} did not answer within ${TIMEOUT_MS / 1000} s`;
    return failed("timed_out", message, "try again on a faster connection", EXIT.timedOut);
  }
  const { cause } = error;
  const why = cause instanceof Error ? cause.message : error.message;
  const hint = "start it with npm start, or name it with --server URL";
  return failed("server_unreachable", `no server at ${url.origin}: ${why}`, hint, EXIT.failed);
}

function noServer(url: URL, status: number): Failed {
  const message = `${url.origin} answered ${status}, but not as a SkyFeeder server`;
  return failed("unexpected_answer", message, "check --server", EXIT.failed);
}

/** The next step, by the server's code; FILE stands for the image. */
const HINTS: Readonly<Record<string, string>> = {
  image_merged: `publish the application alone: ${COMMAND} firmware build-ota FOLDER`,
  image_invalid: `${COMMAND} firmware inspect FILE`,
  image_corrupt: `build it again, and look at it: ${COMMAND} firmware inspect FILE`,
  image_does_not_fit: "make the image smaller, or publish it for another --board or --channel",
  invalid_version: "give the build a version like 1.2.3 (SemVer)",
  version_taken: "give the build a higher version",
  body_too_large: "make the image smaller: two of them must fit the flash",
  signing_key_missing: `start the server with --signing-key; ${COMMAND} firmware keygen makes one`,
  invalid_request: `${COMMAND} firmware publish --help`,
};

function refusedBy(
  status: number,
  problem: Readonly<Record<string, unknown>> | undefined,
  { server, file }: PublishOptions,
): Failed {
  if (typeof problem?.code !== "string") return noServer(new URL(server), status);
  const { code, title, detail, devices } = problem;
  const names = Array.isArray(devices) ? devices.join(", ") : undefined;
  const message = [title, detail, names].filter((part) => part !== undefined).join(": ");
  const hint = HINTS[code]?.replace("FILE", file) ?? "look at what the server says";
  return failed(code, message, hint, EXIT.failed);
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

import { setTimeout as sleep } from "node:timers/promises";
import { AwsV4Signer } from "aws4fetch";
import type { Clock } from "../ports.ts";
import { StoreUnavailable } from "../storage/store-unavailable.ts";

/** One bucket of any compatible store, in path style: all of them know that one. */
export interface BucketPlace {
  readonly endpoint: string;
  /** Where feeders and browsers reach the store. A signature holds for one host, so it is signed for theirs. */
  readonly publicEndpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface BucketRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE";
  /** Without one it is about the bucket. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BucketAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A store answers within tens of milliseconds. */
const ANSWER_TIMEOUT_MS = 5_000;
/** 100 kB/s, a bad line to a store far away. */
const BYTES_PER_MS_MIN = 100;
const ATTEMPTS_MAX = 3;
/** Doubled after each attempt. */
const RETRY_DELAY_MS = 200;
const TOO_MANY_REQUESTS = 429;
/** What is no failure of the store: there is no such object, or none of its bytes are in the range. */
const ANSWERS: ReadonlySet<number> = new Set([404, 416]);

/** Requests to one bucket, signed with AWS Signature Version 4. */
export class S3Bucket {
  readonly #place: BucketPlace;
  readonly #clock: Pick<Clock, "nowMs">;
  /** A signing key holds for a day. */
  readonly #signingKeys = new Map<string, ArrayBuffer>();

  constructor(place: BucketPlace, clock: Pick<Clock, "nowMs">) {
    this.#place = place;
    this.#clock = clock;
  }

  /** All that is asked of a bucket may be asked twice, so what stays unanswered is asked again. */
  async send(request: BucketRequest, body?: Uint8Array<ArrayBuffer>): Promise<BucketAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#attempt(request, body);
      if (!(answer instanceof Error) && !isBusy(answer.status)) return checked(request, answer);
      if (attempt === ATTEMPTS_MAX)
        throw answer instanceof Error ? answer : refusal(request, answer);
      await sleep(RETRY_DELAY_MS * 2 ** (attempt - 1));
    }
  }

  /** The headers with which whoever has them may make this one request; the store takes them for 15 minutes. */
  async signHeaders(request: BucketRequest): Promise<{ url: string; headers: Headers }> {
    const { url, headers } = await this.#sign(request, this.#place.publicEndpoint, false);
    return { url: url.href, headers };
  }

  /** The URL with which whoever has it may make this one request, for as long as its X-Amz-Expires says. */
  async signUrl(request: BucketRequest): Promise<string> {
    return (await this.#sign(request, this.#place.publicEndpoint, true)).url.href;
  }

  async #attempt(request: BucketRequest, body?: Uint8Array<ArrayBuffer>) {
    const { url, headers } = await this.#sign(request, this.#place.endpoint, false);
    const timeoutMs = ANSWER_TIMEOUT_MS + Math.ceil((body?.length ?? 0) / BYTES_PER_MS_MIN);
    const signal = AbortSignal.timeout(timeoutMs);
    const { method } = request;
    return fetch(url, { method, headers, body: body ?? null, redirect: "manual", signal })
      .then(readAnswer)
      .catch(unavailable);
  }

  async #sign(
    { method, key, query, headers }: BucketRequest,
    endpoint: string,
    signQuery: boolean,
  ) {
    const { bucket, region, accessKeyId, secretAccessKey } = this.#place;
    const path = key === undefined ? bucket : `${bucket}/${key}`;
    const url = `${endpoint.replace(/\/+$/, "")}/${path}?${new URLSearchParams(query)}`;
    const signer = new AwsV4Signer({
      method,
      url: url.replace(/\?$/, ""),
      headers: { ...headers },
      // Content-Type, Content-Length and Range too: a client may change nothing.
      allHeaders: true,
      signQuery,
      datetime: new Date(this.#clock.nowMs()).toISOString().replace(/[:-]|\.\d{3}/g, ""),
      service: "s3",
      region,
      accessKeyId,
      secretAccessKey,
      cache: this.#signingKeys,
    });
    return signer.sign();
  }
}

async function readAnswer(answer: Response): Promise<BucketAnswer> {
  return { status: answer.status, headers: answer.headers, body: await answer.bytes() };
}

function isBusy(status: number): boolean {
  return status >= 500 || status === TOO_MANY_REQUESTS;
}

function checked(request: BucketRequest, answer: BucketAnswer): BucketAnswer {
  const { status } = answer;
  if ((status >= 200 && status < 300) || ANSWERS.has(status)) return answer;
  throw refusal(request, answer);
}

function unavailable(error: unknown): StoreUnavailable {
  const cause = error instanceof Error ? error.cause : undefined;
  return new StoreUnavailable(`the object store does not answer: ${String(cause ?? error)}`);
}

function refusal({ method, key }: BucketRequest, { status, body }: BucketAnswer): StoreUnavailable {
  const [, code = ""] = /<Code>(\w{1,64})<\/Code>/.exec(Buffer.from(body).toString()) ?? [];
  const said = `${status} ${code}`.trim();
  return new StoreUnavailable(`the object store answered ${said} to ${method} ${key ?? "bucket"}`);
}

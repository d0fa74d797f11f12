import type { MediaKind } from "../../../protocol/media.ts";
import {
  type PresignPutAnswer,
  type PresignPutRequest,
  parsePresignPutAnswer,
} from "../../../protocol/presign.ts";
import type { UploadFailure } from "../../../protocol/room-messages.ts";
import { asciiBody } from "../ascii-body.ts";
import { PRESIGN_TIMEOUT_MS, PUT_BYTES_PER_MS_MIN, PUT_TIMEOUT_MS } from "../limits.ts";
import type { Http, HttpBody, HttpResult } from "../ports.ts";

/** What is known of an object before it is sent. */
export interface ObjectFacts {
  readonly captureId: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Milliseconds since the epoch; undefined: the server stamps. */
  readonly capturedAtMs: number | undefined;
}

export interface AttemptFailure {
  readonly kind: "failed";
  readonly reason: UploadFailure;
  readonly httpStatus?: number;
}

export type PresignResult =
  | { readonly kind: "presigned"; readonly presigned: PresignPutAnswer }
  | AttemptFailure;

export type AttemptResult = { readonly kind: "stored"; readonly key: string } | AttemptFailure;

/** One attempt: ask where the object goes, then send it there. `openBody` starts the bytes at the beginning. */
export function attemptUpload(
  http: Http,
  apiBase: string,
  object: PresignPutRequest,
  openBody: () => HttpBody,
  done: (result: AttemptResult) => void,
): void {
  presign(http, apiBase, object, (result) => {
    if (result.kind === "failed") done(result);
    else put(http, result.presigned, openBody(), done);
  });
}

export function presignRequest(
  deviceId: string,
  kind: MediaKind,
  { captureId, contentType, sizeBytes, sha256, capturedAtMs }: ObjectFacts,
): PresignPutRequest {
  return {
    deviceId,
    kind,
    contentType,
    size: sizeBytes,
    sha256,
    captureId,
    ...(capturedAtMs === undefined ? {} : { capturedAt: new Date(capturedAtMs).toISOString() }),
  };
}

export function presign(
  http: Http,
  apiBase: string,
  object: PresignPutRequest,
  done: (result: PresignResult) => void,
): void {
  const request = {
    method: "POST",
    url: `${apiBase}/v1/presign/put`,
    headers: [["Content-Type", "application/json"]],
    asDevice: true,
    body: asciiBody(JSON.stringify(object)),
    timeoutMs: PRESIGN_TIMEOUT_MS,
  } as const;
  http.request(request, (result) => done(presignResult(result)));
}

function presignResult(result: HttpResult): PresignResult {
  if (result.kind === "failed") return result;
  if (!isSuccess(result.status)) {
    return { kind: "failed", reason: "presign_refused", httpStatus: result.status };
  }
  const presigned = parsePresignPutAnswer(result.body);
  return presigned === undefined
    ? { kind: "failed", reason: "presign_unreadable" }
    : { kind: "presigned", presigned };
}

export function put(
  http: Http,
  presigned: PresignPutAnswer,
  body: HttpBody,
  done: (result: AttemptResult) => void,
): void {
  const headers = Object.entries(presigned.headers);
  const request = {
    method: "PUT",
    url: presigned.uploadUrl,
    headers,
    body,
    timeoutMs: PUT_TIMEOUT_MS + body.lengthBytes / PUT_BYTES_PER_MS_MIN,
  } as const;
  http.request(request, (result) => {
    if (result.kind === "failed") return done(result);
    if (isSuccess(result.status)) return done({ kind: "stored", key: presigned.key });
    done({ kind: "failed", reason: "put_refused", httpStatus: result.status });
  });
}

/** 204 is success too: S3-compatible stores and the first stack differ here. */
function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

import {
  type PresignPutAnswer,
  type PresignPutRequest,
  parsePresignPutAnswer,
} from "../../../protocol/presign.ts";
import type { UploadFailure } from "../../../protocol/room-messages.ts";
import { PRESIGN_TIMEOUT_MS, PUT_BYTES_PER_MS_MIN, PUT_TIMEOUT_MS } from "../limits.ts";
import type { Http, HttpBody, HttpResult } from "../ports.ts";
import { asciiBody } from "./ascii-body.ts";

export type AttemptResult =
  | { readonly kind: "stored"; readonly key: string }
  | { readonly kind: "failed"; readonly reason: UploadFailure; readonly httpStatus?: number };

/** One attempt: ask where the still goes, then send it there. `openBody` starts the bytes at the beginning. */
export function attemptUpload(
  http: Http,
  apiBase: string,
  still: PresignPutRequest,
  openBody: () => HttpBody,
  done: (result: AttemptResult) => void,
): void {
  const presign = {
    method: "POST",
    url: `${apiBase}/v1/presign/put`,
    headers: [["Content-Type", "application/json"]],
    body: asciiBody(JSON.stringify(still)),
    timeoutMs: PRESIGN_TIMEOUT_MS,
  } as const;
  http.request(presign, (result) => {
    const answer = presignAnswer(result);
    if (answer.kind === "failed") done(answer);
    else put(http, answer.presigned, openBody(), done);
  });
}

function presignAnswer(
  result: HttpResult,
): { kind: "presigned"; presigned: PresignPutAnswer } | Extract<AttemptResult, { kind: "failed" }> {
  if (result.kind === "failed") return result;
  if (!isSuccess(result.status)) {
    return { kind: "failed", reason: "presign_refused", httpStatus: result.status };
  }
  const presigned = parsePresignPutAnswer(result.body);
  return presigned === undefined
    ? { kind: "failed", reason: "presign_unreadable" }
    : { kind: "presigned", presigned };
}

function put(
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

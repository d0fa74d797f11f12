import type { S3Bucket } from "../machine/s3-bucket.ts";
import type { DirectObjects, SignedDownload, SignedUpload, UploadFacts } from "../ports.ts";

/** Every store takes a signature in the headers for 15 minutes by its own clock. */
const UPLOAD_SECONDS = 900;
/** Enough for a slow start of the download; it may last longer. */
const DOWNLOAD_SECONDS = 600;

/** What clients do in the bucket themselves, with the server's signature and without its key. */
export class S3Direct implements DirectObjects {
  readonly #bucket: S3Bucket;

  constructor(bucket: S3Bucket) {
    this.#bucket = bucket;
  }

  /**
   * Signed in the headers and not in the URL: only there every store checks the body against a signed hash (Swift takes
   * any body under a presigned URL). Content-Length is signed and left out: a client says it by itself.
   */
  async signUpload({ key, contentType, bytes, sha256 }: UploadFacts): Promise<SignedUpload> {
    const sent = {
      "Content-Type": contentType,
      "X-Amz-Content-Sha256": sha256,
      "X-Amz-Meta-Sha256": sha256,
    };
    const { url, headers } = await this.#bucket.signHeaders({
      method: "PUT",
      key,
      headers: { ...sent, "Content-Length": String(bytes) },
    });
    return {
      url,
      headers: {
        ...sent,
        Authorization: headers.get("Authorization") ?? "",
        "X-Amz-Date": headers.get("X-Amz-Date") ?? "",
      },
      expiresInSeconds: UPLOAD_SECONDS,
    };
  }

  async signDownload(key: string, contentType: string): Promise<SignedDownload> {
    const query = {
      "X-Amz-Expires": String(DOWNLOAD_SECONDS),
      "response-content-type": contentType,
      "response-cache-control": "private, max-age=31536000, immutable",
    };
    const url = await this.#bucket.signUrl({ method: "GET", key, query });
    return { url, expiresInSeconds: DOWNLOAD_SECONDS };
  }

  async inspect(key: string) {
    const { status, headers } = await this.#bucket.send({ method: "HEAD", key });
    if (status === 404) return undefined;
    const sha256 = headers.get("X-Amz-Meta-Sha256") ?? undefined;
    return { bytes: Number(headers.get("Content-Length")), sha256 };
  }
}
